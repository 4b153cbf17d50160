#include "reformer/experiment/table2_seeds.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/machine.h"
#include "reformer/base/text_table.h"
#include "reformer/base/version.h"
#include "reformer/experiment/published.h"
#include "reformer/math/target.h"

namespace reformer {
namespace {

CellSpread spread(const Cell& cell, const std::vector<double>& accuracies) {
  const auto n = static_cast<double>(accuracies.size());
  const double mean = std::accumulate(accuracies.begin(), accuracies.end(), 0.0) / n;
  double squares = 0;
  for (const double accuracy : accuracies) squares += (accuracy - mean) * (accuracy - mean);
  const auto [lowest, highest] = std::minmax_element(accuracies.begin(), accuracies.end());
  return {
      cell.trained, cell.evaluated, cell.semantics, mean, n > 1 ? std::sqrt(squares / (n - 1)) : 0,
      *lowest,      *highest};
}

// The summary as rows of text: a header, then a row for each model.
TableRows rows(const SeedSummary& summary, std::string_view semantics) {
  TableRows out{{"trained", "learned"}};
  for (const auto evaluated : kEvaluatedWith) out[0].emplace_back(evaluated);
  for (const Learned& learned : summary.learned) {
    std::vector<std::string> row{learned.trained,
                                 fmt::format("{}/{}", learned.seeds, summary.seeds.size())};
    for (const auto evaluated : kEvaluatedWith) {
      const CellSpread& cell = find_cell(summary.cells, learned.trained, evaluated, semantics);
      row.push_back(fmt::format("{:.2f} +- {:.2f} [{:.2f}, {:.2f}]", 100 * cell.mean,
                                100 * cell.deviation, 100 * cell.lowest, 100 * cell.highest));
    }
    out.push_back(std::move(row));
  }
  return out;
}

std::string caption(const SeedSummary& summary) {
  return fmt::format(
      "Accuracy in per cent over {} seeds ({} to {}): mean +- standard deviation "
      "[lowest, highest]; a model has learned when it reaches {:.0f} % under its own attention",
      summary.seeds.size(), summary.seeds.front(), summary.seeds.back(), 100 * kLearned);
}

}  // namespace

SeedSummary summarise(std::span<const Table2> tables) {
  REFORMER_CHECK(!tables.empty());
  SeedSummary summary;
  for (const Table2& table : tables) summary.seeds.push_back(table.seed);
  for (size_t i = 0; i < tables[0].cells.size(); ++i) {
    std::vector<double> accuracies;
    for (const Table2& table : tables) accuracies.push_back(table.cells.at(i).loss.accuracy());
    summary.cells.push_back(spread(tables[0].cells[i], accuracies));
  }
  for (const auto trained : kTrainedWith) {
    Learned learned{std::string(trained), 0};
    for (const Table2& table : tables) {
      if (table.at(trained, trained, "consistent").loss.accuracy() >= kLearned) ++learned.seeds;
    }
    summary.learned.push_back(learned);
  }
  return summary;
}

std::string summary_text(const SeedSummary& summary) {
  std::string out = caption(summary) + "\n";
  for (const auto semantics : kTable2Meanings) {
    out +=
        fmt::format("\nUnder {} semantics\n\n", semantics) + text_table(rows(summary, semantics));
  }
  return out;
}

std::string summary_markdown(const SeedSummary& summary) {
  std::string out = fmt::format("# Table 2 over seeds\n\n{}. Version {}, commit {}, {} ({}).\n",
                                caption(summary), version(), commit(), cpu_name(), active_target());
  for (const auto semantics : kTable2Meanings) {
    out += fmt::format("\nUnder {} semantics:\n\n", semantics) +
           markdown_table(rows(summary, semantics));
  }
  return out;
}

nlohmann::ordered_json summary_json(const SeedSummary& summary) {
  nlohmann::ordered_json json = {{"study", "table2 over seeds"},
                                 {"version", version()},
                                 {"commit", commit()},
                                 {"machine", {{"cpu", cpu_name()}, {"simd", active_target()}}},
                                 {"seeds", summary.seeds}};
  for (const Learned& learned : summary.learned) {
    json["learned"].push_back({{"trained", learned.trained}, {"seeds", learned.seeds}});
  }
  for (const CellSpread& cell : summary.cells) {
    json["cells"].push_back({{"trained", cell.trained},
                             {"evaluated", cell.evaluated},
                             {"semantics", cell.semantics},
                             {"mean", cell.mean},
                             {"deviation", cell.deviation},
                             {"lowest", cell.lowest},
                             {"highest", cell.highest}});
  }
  return json;
}

void write_summary(const SeedSummary& summary, const std::filesystem::path& directory) {
  write_file_atomically(directory / "table2-seeds.md", summary_markdown(summary));
  write_file_atomically(directory / "table2-seeds.json", summary_json(summary).dump(2) + "\n");
}

}  // namespace reformer
