#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "reformer/attention/semantics.h"
#include "reformer/base/error.h"
#include "reformer/experiment/discrepancy_plan.h"
#include "reformer/experiment/spread.h"
#include "reformer/report/result_part.h"

namespace reformer::internal {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

double accuracy_of(const json& cell) {
  return number_within(cell.at("accuracy"), 0, 1, "accuracy");
}

ordered_json spread_json(const std::vector<double>& values) {
  if (values.empty()) fail("runs", "expected some, found none");
  const Spread spread = spread_of(values);
  return {{"mean", spread.mean},
          {"lowest", spread.lowest},
          {"highest", spread.highest},
          {"deviation", spread.deviation}};
}

template <class CellOf>
ordered_json over_runs(const json& runs, CellOf&& cell_of) {
  std::vector<double> values;
  for (const json& run : runs) values.push_back(accuracy_of(cell_of(run)));
  return spread_json(values);
}

std::string title_of(const std::string& finding) {
  for (const Finding& known : findings()) {
    if (known.key == finding) return std::string(known.title);
  }
  fail("finding", "expected one of this study, found another");
}

// Row "" has no switch flipped; in the others `keeping` is the meaning that keeps accuracy with one
// switch set as in the one that loses it, and the reverse.
ordered_json rows_of(const json& runs) {
  ordered_json rows = ordered_json::array();
  rows.push_back({{"flipped", ""},
                  {"keeping", over_runs(runs, [](const json& r) { return r.at("keeping"); })},
                  {"losing", over_runs(runs, [](const json& r) { return r.at("losing"); })}});
  const size_t flips = runs.at(0).at("flips").size();
  for (size_t i = 0; i < flips; ++i) {
    const auto side = [&](const char* name) {
      return over_runs(runs, [i, name](const json& r) { return r.at("flips").at(i).at(name); });
    };
    rows.push_back({{"flipped", runs.at(0).at("flips").at(i).at("switch").get<std::string>()},
                    {"keeping", side("breaks")},
                    {"losing", side("heals")}});
  }
  return rows;
}

ordered_json comparison_json(const json& comparison) {
  const std::string finding = comparison.at("finding").get<std::string>();
  ordered_json out = {{"finding", finding}, {"title", title_of(finding)}};
  for (const char* key : {"model", "evaluated", "losing", "keeping", "verdict"}) {
    out[key] = comparison.at(key).get<std::string>();
  }
  out["seeds"] = comparison.at("runs").size();
  out["rows"] = rows_of(comparison.at("runs"));
  return out;
}

ordered_json condition_spread(const json& runs, const char* side) {
  std::vector<double> values;
  for (const json& run : runs) {
    for (const json& cell : run.at(side)) values.push_back(accuracy_of(cell));
  }
  return spread_json(values);
}

ordered_json suspect_json(const json& suspect) {
  const json& runs = suspect.at("runs");
  return {{"name", suspect.at("name").get<std::string>()},
          {"model", suspect.at("usual").at("model").get<std::string>()},
          {"evaluated", suspect.at("evaluated").get<std::string>()},
          {"seeds", runs.size()},
          {"usual", condition_spread(runs, "usual")},
          {"changed", condition_spread(runs, "changed")}};
}

// A row for each model and attention, over training seeds. Files of earlier versions have none.
ordered_json meanings_json(const json& file) {
  using Row = std::pair<std::string, std::string>;  // model, evaluated
  std::vector<Row> rows;
  std::map<Row, std::map<std::string, std::vector<double>>> values;
  for (const json& model : file.at("models")) {
    if (!model.contains("meanings")) continue;
    for (const json& cell : model.at("meanings")) {
      const Row row{model.at("name").get<std::string>(), cell.at("evaluated").get<std::string>()};
      if (!values.contains(row)) rows.push_back(row);
      values[row][cell.at("semantics").get<std::string>()].push_back(accuracy_of(cell));
    }
  }
  ordered_json out = ordered_json::array();
  for (const Row& row : rows) {
    ordered_json cells = ordered_json::object();
    for (const std::string& meaning : semantics_names()) {
      const auto found = values[row].find(meaning);
      cells[meaning] = found == values[row].end() ? ordered_json() : spread_json(found->second);
    }
    out.push_back({{"model", row.first}, {"evaluated", row.second}, {"cells", cells}});
  }
  return out;
}

std::string command_of(const json& file) {
  std::set<int64_t> seeds;
  for (const json& model : file.at("models")) seeds.insert(model.at("seed").get<int64_t>());
  if (seeds.empty()) fail("models", "expected some, found none");
  return fmt::format("reformer experiment discrepancy --size {} --seed {} --seeds {} --out out",
                     file.at("size").get<std::string>(), *seeds.begin(), seeds.size());
}

}  // namespace

ordered_json discrepancy_part(const json& file) {
  ordered_json out = {{"provenance", provenance_of(file)},
                      {"size", file.at("size").get<std::string>()},
                      {"comparisons", ordered_json::array()},
                      {"suspects", ordered_json::array()}};
  for (const json& c : file.at("comparisons")) out["comparisons"].push_back(comparison_json(c));
  for (const json& s : file.at("suspects")) out["suspects"].push_back(suspect_json(s));
  out["meanings"] = meanings_json(file);
  out["absent"] = file.at("absent").get<std::vector<std::string>>();
  out["command"] = command_of(file);
  return out;
}

}  // namespace reformer::internal
