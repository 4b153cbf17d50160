#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/experiment/cross_evaluation.h"
#include "reformer/experiment/published.h"
#include "reformer/experiment/spread.h"
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
// "deviation"}}, in older files without "over_training". The interval follows from these.
ordered_json value_of(const json& cell, int64_t seeds) {
  if (cell.contains("accuracy"))
    return {{"mean", number_within(cell["accuracy"], 0, 1, "accuracy")}};
  const json& spread = cell.contains("over_training") ? cell["over_training"] : cell;
  ordered_json out;
  out["mean"] = number_within(spread.at("mean"), 0, 1, "mean");
  if (seeds < 2) return out;
  for (const char* key : {"lowest", "highest", "deviation"}) {
    out[key] = number_within(spread.at(key), 0, 1, key);
  }
  const auto mean = out["mean"].get<double>();
  const double half = interval_half(out["deviation"].get<double>(), seeds);
  out["interval"] = {mean - half, mean + half};
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

// Of one seed: cells, each named by its meaning and what is changed; over seeds: rows that have the
// numbers before and after. A row for each change.
ordered_json switches_of(const json& file, int64_t seeds) {
  ordered_json out = ordered_json::array();
  if (!file.contains("switches")) return out;
  const auto accuracy = [&](const json& cell) -> ordered_json {
    return {{"mean", number_within(cell.at("accuracy"), 0, 1, "accuracy")}};
  };
  const auto text = [](const json& from, const char* key) {
    return from.at(key).get<std::string>();
  };
  // The cell of the same model under the meaning itself, in the table or among the switches.
  const auto before = [&](const json& cell, std::string_view base) {
    for (const char* list : {"cells", "switches"}) {
      for (const json& other : file.at(list)) {
        if (other.at("semantics") == base && other.at("trained") == cell.at("trained") &&
            other.at("evaluated") == cell.at("evaluated")) {
          return accuracy(other);
        }
      }
    }
    fail("switches", "expected a cell under {} semantics, found none", base);
  };
  for (const json& row : file["switches"]) {
    ordered_json shown = {{"trained", text(row, "trained")}, {"evaluated", text(row, "evaluated")}};
    if (row.contains("base")) {
      shown["base"] = text(row, "base");
      shown["changes"] = text(row, "changes");
      shown["before"] = value_of(row.at("before"), seeds);
      shown["after"] = value_of(row.at("after"), seeds);
    } else {
      const std::string semantics = text(row, "semantics");
      const auto [base, changes] = base_and_changes(semantics);
      if (changes.empty()) continue;
      shown["base"] = base;
      shown["changes"] = changes;
      shown["before"] = before(row, base);
      shown["after"] = accuracy(row);
    }
    out.push_back(std::move(shown));
  }
  return out;
}

// The settings of the task that all models of the study share.
void add_setting(ordered_json& out, const json& file) {
  const json& model = file.at("models").at(0).at("config").at("model");
  for (const char* key : {"length", "buckets", "chunk_length", "layers", "model_dim", "heads"}) {
    out[key] = model.at(key).get<int64_t>();
  }
  out["trained_under"] = model.at("semantics").get<std::string>();
  out["sequences"] = file.at("cells").at(0).at("sequences").get<int64_t>();
}

std::string table_command(const json& file, const ordered_json& part) {
  std::string out = "reformer experiment table2";
  if (part.contains("size")) out += " --size " + part["size"].get<std::string>();
  const ordered_json& seeds = part["seeds"];
  if (seeds.empty()) fail("seeds", "expected some, found none");
  out += fmt::format(" --seed {}", seeds[0].get<int64_t>());
  if (seeds.size() > 1) out += fmt::format(" --seeds {}", seeds.size());
  int64_t rotations = file.value("rotations", int64_t{1});
  if (file.contains("more_rotations")) {
    rotations += static_cast<int64_t>(file["more_rotations"].size() / file.at("cells").size());
  }
  if (rotations > 1) out += fmt::format(" --rotations {}", rotations);
  const ordered_json& tables = part["tables"];
  if (tables.size() == 1 && tables[0]["semantics"] == part["trained_under"]) {
    out += " --own-meaning";
  }
  return out + " --out out";
}

}  // namespace

ordered_json table_part(const json& file) {
  ordered_json out = {{"provenance", provenance_of(file)}, {"trained_under", "consistent"}};
  if (file.contains("seeds")) {
    out["seeds"] = file["seeds"].get<std::vector<int64_t>>();
    if (file.contains("size")) out["size"] = file["size"].get<std::string>();
    if (file.contains("trained_under")) {
      out["trained_under"] = file["trained_under"].get<std::string>();
    }
  } else {
    out["seeds"] = {file.at("seed").get<int64_t>()};
    out["size"] = file.at("size").get<std::string>();
    add_setting(out, file);
  }
  const auto seeds = static_cast<int64_t>(out["seeds"].size());
  ordered_json tables = ordered_json::array();
  for (const json& cell : file.at("cells")) {
    const size_t trained = place_of(kTrainedWith, cell.at("trained"));
    const size_t evaluated = place_of(kEvaluatedWith, cell.at("evaluated"));
    ordered_json& table = table_of(tables, cell.at("semantics").get<std::string>());
    table["cells"][trained][evaluated] = value_of(cell, seeds);
  }
  if (tables.empty()) fail("cells", "expected some, found none");
  out["tables"] = std::move(tables);
  out["switches"] = switches_of(file, seeds);
  out["command"] = table_command(file, out);
  return out;
}

std::string table_title(const ordered_json& part) {
  // Older files of several seeds do not say their size: their directory's name is what there is.
  std::string size =
      std::filesystem::path(part["name"].get<std::string>()).parent_path().filename();
  if (part.contains("size")) size = part["size"].get<std::string>() + " size";
  if (part.contains("length")) size += fmt::format(" ({} tokens)", part["length"].get<int64_t>());
  if (!size.empty()) size += ", ";
  const ordered_json& seeds = part["seeds"];
  if (part["trained_under"] != "consistent") {
    size += fmt::format("trained under {}, ", part["trained_under"].get<std::string>());
  }
  return size + (seeds.size() == 1 ? fmt::format("seed {}", seeds[0].get<int64_t>())
                                   : fmt::format("mean of {} seeds", seeds.size()));
}

}  // namespace reformer::internal
