#include <limits>

#include "reformer/report/result_part.h"

namespace reformer::internal {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

double positive(const json& row, const char* key) {
  return number_within(row.at(key), 0, std::numeric_limits<double>::max(), key);
}

ordered_json row_of(const json& row, const char* what) {
  ordered_json out = {{"attention", row.at("attention").get<std::string>()},
                      {"tokens", row.at("tokens").get<int64_t>()},
                      {"precision", row.at("precision").get<std::string>()},
                      {"seconds", positive(row, "seconds")},
                      {"fraction_of_peak", positive(row, "fraction_of_peak")}};
  out["tokens_per_second"] =
      std::string_view(what) == "train_step"
          ? positive(row, "tokens_per_second")
          : static_cast<double>(row.at("tokens").get<int64_t>()) / positive(row, "seconds");
  if (row.contains("batch")) out["batch"] = row["batch"].get<int64_t>();
  if (row.contains("peak_bytes") && row["peak_bytes"].is_number()) {
    out["peak_bytes"] = positive(row, "peak_bytes");
  }
  return out;
}

}  // namespace

ordered_json speed_part(const json& file) {
  ordered_json out = {{"provenance", provenance_of(file)},
                      {"size", file.at("size").get<std::string>()},
                      {"threads", file.at("threads").get<int64_t>()}};
  for (const char* what : {"train_step", "attention"}) {
    out[what] = ordered_json::array();
    for (const json& row : file.at(what)) out[what].push_back(row_of(row, what));
  }
  return out;
}

}  // namespace reformer::internal
