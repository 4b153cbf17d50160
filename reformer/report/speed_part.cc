#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "reformer/base/error.h"
#include "reformer/report/result_part.h"

namespace reformer::internal {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

double positive(const json& row, const char* key) {
  return number_within(row.at(key), std::numeric_limits<double>::min(),
                       std::numeric_limits<double>::max(), key);
}

// Sequences of a training step or an evaluation; attention alone takes one.
int64_t sequences_of(const json& row) {
  for (const char* key : {"batch", "sequences"}) {
    if (row.contains(key)) return row[key].get<int64_t>();
  }
  return 1;
}

ordered_json row_of(const json& row) {
  const auto tokens = row.at("tokens").get<int64_t>();
  const int64_t batch = sequences_of(row);
  if (tokens < 1 || batch < 1) fail("tokens", "expected sequences of at least one token");
  const double seconds = positive(row, "seconds");
  ordered_json out = {
      {"attention", row.at("attention").get<std::string>()},
      {"tokens", tokens},
      {"batch", batch},
      {"precision", row.at("precision").get<std::string>()},
      {"seconds", seconds},
      {"fraction_of_peak", positive(row, "fraction_of_peak")},
      {"tokens_per_second", static_cast<double>(tokens) * static_cast<double>(batch) / seconds}};
  if (row.contains("peak_bytes") && row["peak_bytes"].is_number()) {
    out["peak_bytes"] = positive(row, "peak_bytes");
  }
  return out;
}

// Distinct values of a row's field, in order, as "1024,2048".
std::string listed(const ordered_json& rows, const char* key) {
  std::vector<std::string> values;
  for (const ordered_json& row : rows) {
    std::string value = row[key].is_string() ? row[key].get<std::string>() : row[key].dump();
    if (std::ranges::find(values, value) == values.end()) values.push_back(std::move(value));
  }
  return fmt::format("{}", fmt::join(values, ","));
}

// What was measured follows from what is there.
std::string command_of(const ordered_json& part, const json& file) {
  std::string out = "reformer bench --size " + part["size"].get<std::string>();
  const ordered_json& steps = part["train_step"];
  const std::string lengths = listed(steps, "tokens");
  if (lengths.find(',') != std::string::npos) {
    const int64_t tokens = steps[0]["tokens"].get<int64_t>() * steps[0]["batch"].get<int64_t>();
    out += fmt::format(" --only train-step --attention {} --lengths {} --step-tokens {}",
                       listed(steps, "attention"), lengths, tokens);
  }
  if (file.contains("repeats")) out += fmt::format(" --repeats {}", file["repeats"].get<int64_t>());
  return out + fmt::format(" --threads {} --json", part["threads"].get<int64_t>());
}

}  // namespace

ordered_json speed_part(const json& file) {
  ordered_json out = {{"provenance", provenance_of(file)},
                      {"size", file.at("size").get<std::string>()},
                      {"threads", file.at("threads").get<int64_t>()}};
  for (const char* what : {"train_step", "evaluate", "attention"}) {
    out[what] = ordered_json::array();
    if (!file.contains(what)) continue;  // older files have no evaluations
    for (const json& row : file[what]) out[what].push_back(row_of(row));
  }
  out["command"] = command_of(out, file);
  return out;
}

}  // namespace reformer::internal
