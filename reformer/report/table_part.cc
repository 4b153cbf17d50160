#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/experiment/published.h"
#include "reformer/report/result_part.h"

namespace reformer::internal {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

template <class Names>
size_t place_of(const Names& names, const json& name) {
  const auto found = std::ranges::find(names, name.get<std::string>());
  if (found == names.end()) {
    fail("cells", "expected the name of an attention of the table, found {}", describe(name));
  }
  return static_cast<size_t>(found - names.begin());
}

// Of one seed: {"accuracy"}; over seeds: {"over_training": {"mean", "lowest", "highest",
// "deviation"}}, in older files without "over_training".
ordered_json value_of(const json& cell) {
  if (cell.contains("accuracy"))
    return {{"mean", number_within(cell["accuracy"], 0, 1, "accuracy")}};
  const json& spread = cell.contains("over_training") ? cell["over_training"] : cell;
  ordered_json out;
  for (const char* key : {"mean", "lowest", "highest", "deviation"}) {
    out[key] = number_within(spread.at(key), 0, 1, key);
  }
  return out;
}

ordered_json& table_of(ordered_json& tables, const std::string& semantics) {
  for (ordered_json& table : tables) {
    if (table["semantics"] == semantics) return table;
  }
  const ordered_json row(kEvaluatedWith.size(), ordered_json());
  tables.push_back({{"semantics", semantics}, {"cells", ordered_json(kTrainedWith.size(), row)}});
  return tables.back();
}

// The settings of the task that all models of the study share.
void add_setting(ordered_json& out, const json& file) {
  const json& model = file.at("models").at(0).at("config").at("model");
  for (const char* key : {"length", "buckets", "chunk_length", "layers", "model_dim", "heads"}) {
    out[key] = model.at(key).get<int64_t>();
  }
  out["sequences"] = file.at("cells").at(0).at("sequences").get<int64_t>();
}

}  // namespace

ordered_json table_part(const json& file) {
  ordered_json out = {{"provenance", provenance_of(file)}};
  if (file.contains("seeds")) {
    out["seeds"] = file["seeds"].get<std::vector<int64_t>>();
  } else {
    out["seeds"] = {file.at("seed").get<int64_t>()};
    out["size"] = file.at("size").get<std::string>();
    add_setting(out, file);
  }
  ordered_json tables = ordered_json::array();
  for (const json& cell : file.at("cells")) {
    const size_t trained = place_of(kTrainedWith, cell.at("trained"));
    const size_t evaluated = place_of(kEvaluatedWith, cell.at("evaluated"));
    ordered_json& table = table_of(tables, cell.at("semantics").get<std::string>());
    table["cells"][trained][evaluated] = value_of(cell);
  }
  if (tables.empty()) fail("cells", "expected some, found none");
  out["tables"] = std::move(tables);
  return out;
}

}  // namespace reformer::internal
