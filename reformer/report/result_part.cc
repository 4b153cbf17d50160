#include "reformer/report/result_part.h"

#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer {
namespace internal {

nlohmann::ordered_json provenance_of(const nlohmann::json& file) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  const nlohmann::json machine = file.value("machine", nlohmann::json::object());
  for (const char* key : {"version", "commit", "cpu", "simd"}) {
    for (const nlohmann::json& from : {file, machine}) {
      if (from.contains(key) && from[key].is_string()) out[key] = from[key];
    }
  }
  return out;
}

double number_within(const nlohmann::json& value, double low, double high, const char* what) {
  const double number = value.get<double>();
  if (!(number >= low && number <= high)) {
    fail(what, "expected a number from {} to {}, found {}", low, high, describe(value));
  }
  return number;
}

}  // namespace internal

namespace {

std::optional<ResultPart> read_part(const nlohmann::json& file) {
  using Kind = ResultPart::Kind;
  if (!file.is_object()) return std::nullopt;
  const bool named = file.contains("study") && file["study"].is_string();
  const std::string study = named ? file["study"].get<std::string>() : "";
  if (study == "table2" || study == "table2 over seeds") {
    return ResultPart{Kind::table, internal::table_part(file)};
  }
  if (study == "discrepancy") {
    return ResultPart{Kind::discrepancy, internal::discrepancy_part(file)};
  }
  if (file.contains("train_step") && file.contains("peak_gflops")) {
    return ResultPart{Kind::speed, internal::speed_part(file)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<ResultPart> result_part(const std::string& text, const std::string& name) {
  const nlohmann::json file = parse_json(text, name);
  try {
    std::optional<ResultPart> part = read_part(file);
    if (!part) return part;
    part->content["name"] = name;
    if (part->kind == ResultPart::Kind::table) {
      part->content["title"] = internal::table_title(part->content);
    }
    return part;
  } catch (const nlohmann::json::exception& error) {
    fail(name, "expected the result of a study or of `reformer bench`, found one where {}",
         quote_text(error.what()));
  } catch (const Error& error) {
    fail(name, "expected the result of a study or of `reformer bench`, found: {}", error.what());
  }
}

}  // namespace reformer
