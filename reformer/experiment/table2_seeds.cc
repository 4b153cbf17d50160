#include "reformer/experiment/table2_seeds.h"

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/text_table.h"
#include "reformer/experiment/cross_evaluation.h"
#include "reformer/experiment/provenance.h"
#include "reformer/experiment/published.h"

namespace reformer {
namespace {

std::string cell_text(const Spread& s) {
  if (s.count == 1) return fmt::format("{:.2f}", 100 * s.mean);
  return fmt::format("{:.2f} +- {:.2f} [{:.2f}, {:.2f}]", 100 * s.mean, 100 * s.deviation,
                     100 * s.interval_low, 100 * s.interval_high);
}

// The summary as rows of text: a header, then a row for each model.
TableRows rows(const SeedSummary& summary, std::string_view semantics,
               Spread CellSpread::* spread) {
  TableRows out{{"trained", "learned"}};
  for (const auto evaluated : kEvaluatedWith) out[0].emplace_back(evaluated);
  for (const Learned& learned : summary.learned) {
    std::vector<std::string> row{learned.trained,
                                 fmt::format("{}/{}", learned.seeds, summary.seeds.size())};
    for (const auto evaluated : kEvaluatedWith) {
      row.push_back(
          cell_text(find_cell(summary.cells, learned.trained, evaluated, semantics).*spread));
    }
    out.push_back(std::move(row));
  }
  return out;
}

std::string caption(const SeedSummary& summary) {
  const std::string seeds =
      summary.seeds.size() == 1
          ? fmt::format("for training seed {}", summary.seeds.front())
          : fmt::format("over {} training seeds ({} to {})", summary.seeds.size(),
                        summary.seeds.front(), summary.seeds.back());
  const std::string rotations =
      summary.rotations == 1 ? ""
                             : fmt::format(" and {} rotation seeds of each", summary.rotations);
  return fmt::format(
      "Accuracy in per cent {}{}: mean +- standard deviation [95 % interval of the mean, by "
      "Student's t]; a model has learned when it reaches {:.0f} % under its own attention",
      seeds, rotations, 100 * kLearned);
}

// What varies in a table, and which spread of a cell shows it.
struct Source {
  std::string_view name;
  Spread CellSpread::* spread;
};

// Where only one seed was tried there is nothing to tell of it.
std::vector<Source> sources(const SeedSummary& summary) {
  std::vector<Source> out;
  if (summary.seeds.size() > 1 || summary.rotations == 1) {
    out.push_back({"training seeds", &CellSpread::over_training});
  }
  if (summary.rotations > 1) out.push_back({"rotation seeds", &CellSpread::over_rotations});
  return out;
}

double accuracy_at(const Table2& table, size_t cell, int64_t rotation) {
  const Cell& found = rotation == 0
                          ? table.cells.at(cell)
                          : table.more_rotations.at(static_cast<size_t>(rotation - 1)).at(cell);
  return found.loss.accuracy();
}

// Numbers in a grid: a row for each training seed, a column for each rotation seed.
CellSpread spread_of_cell(std::span<const Table2> tables, size_t cell, int64_t rotations) {
  const auto columns = static_cast<size_t>(rotations);
  std::vector<double> by_training(tables.size()), by_rotation(columns);
  for (size_t i = 0; i < tables.size(); ++i) {
    for (size_t j = 0; j < columns; ++j) {
      const double accuracy = accuracy_at(tables[i], cell, static_cast<int64_t>(j));
      by_training[i] += accuracy / static_cast<double>(columns);
      by_rotation[j] += accuracy / static_cast<double>(tables.size());
    }
  }
  const Cell& named = tables[0].cells[cell];
  return {named.trained, named.evaluated, named.semantics, spread_of(by_training),
          spread_of(by_rotation)};
}

std::vector<SwitchSpread> spread_of_switches(std::span<const Table2> tables) {
  std::vector<SwitchSpread> out;
  for (size_t i = 0; i < tables[0].switches.size(); ++i) {
    const Cell& named = tables[0].switches[i];
    const auto [base, changes] = base_and_changes(named.semantics);
    if (changes.empty()) continue;
    std::vector<double> before, after;
    for (const Table2& table : tables) {
      const Cell& cell = table.switches.at(i);
      before.push_back(table.before(cell).loss.accuracy());
      after.push_back(cell.loss.accuracy());
    }
    out.push_back({named.trained, named.evaluated, std::string(base), std::string(changes),
                   spread_of(before), spread_of(after)});
  }
  return out;
}

TableRows switch_rows(const SeedSummary& summary) {
  TableRows out{{"trained", "evaluated", "under", "", "with", ""}};
  for (const SwitchSpread& s : summary.switches) {
    out.push_back(
        {s.trained, s.evaluated, s.base, cell_text(s.before), s.changes, cell_text(s.after)});
  }
  return out;
}

}  // namespace

SeedSummary summarise(std::span<const Table2> tables) {
  REFORMER_CHECK(!tables.empty());
  SeedSummary summary;
  summary.size = tables[0].size;
  summary.semantics = tables[0].own_meaning;
  summary.meanings = tables[0].meanings;
  summary.rotations = static_cast<int64_t>(tables[0].more_rotations.size()) + 1;
  for (const Table2& table : tables) summary.seeds.push_back(table.seed);
  for (size_t i = 0; i < tables[0].cells.size(); ++i) {
    summary.cells.push_back(spread_of_cell(tables, i, summary.rotations));
  }
  summary.switches = spread_of_switches(tables);
  for (const auto trained : kTrainedWith) {
    Learned learned{std::string(trained), 0};
    for (const Table2& table : tables) {
      if (table.at(trained, trained, summary.semantics).loss.accuracy() >= kLearned)
        ++learned.seeds;
    }
    summary.learned.push_back(learned);
  }
  return summary;
}

std::string summary_text(const SeedSummary& summary) {
  std::string out = caption(summary) + "\n";
  for (const std::string& semantics : summary.meanings) {
    for (const Source& source : sources(summary)) {
      out += fmt::format("\nUnder {} semantics, over {}\n\n", semantics, source.name) +
             text_table(rows(summary, semantics, source.spread));
    }
  }
  if (!summary.switches.empty()) {
    out += "\nWhat each switch does, over training seeds\n\n" + text_table(switch_rows(summary));
  }
  return out;
}

std::string summary_markdown(const SeedSummary& summary) {
  std::string out =
      fmt::format("# Table 2 over seeds\n\n{}. {}.\n", caption(summary), provenance_text());
  for (const std::string& semantics : summary.meanings) {
    for (const Source& source : sources(summary)) {
      out += fmt::format("\nUnder {} semantics, over {}:\n\n", semantics, source.name) +
             markdown_table(rows(summary, semantics, source.spread));
    }
  }
  if (!summary.switches.empty()) {
    out +=
        "\nWhat each switch does, over training seeds:\n\n" + markdown_table(switch_rows(summary));
  }
  return out;
}

nlohmann::ordered_json summary_json(const SeedSummary& summary) {
  nlohmann::ordered_json json = {{"study", "table2 over seeds"}, {"size", summary.size}};
  json["trained_under"] = summary.semantics;
  json.update(provenance_json());
  json["seeds"] = summary.seeds;
  json["rotations"] = summary.rotations;
  for (const Learned& learned : summary.learned) {
    json["learned"].push_back({{"trained", learned.trained}, {"seeds", learned.seeds}});
  }
  for (const CellSpread& cell : summary.cells) {
    json["cells"].push_back({{"trained", cell.trained},
                             {"evaluated", cell.evaluated},
                             {"semantics", cell.semantics},
                             {"over_training", to_json(cell.over_training)},
                             {"over_rotations", to_json(cell.over_rotations)}});
  }
  for (const SwitchSpread& s : summary.switches) {
    json["switches"].push_back({{"trained", s.trained},
                                {"evaluated", s.evaluated},
                                {"base", s.base},
                                {"changes", s.changes},
                                {"before", to_json(s.before)},
                                {"after", to_json(s.after)}});
  }
  return json;
}

void write_summary(const SeedSummary& summary, const std::filesystem::path& directory) {
  write_file_atomically(directory / "table2-seeds.md", summary_markdown(summary));
  write_file_atomically(directory / "table2-seeds.json", summary_json(summary).dump(2) + "\n");
}

}  // namespace reformer
