#include "reformer/experiment/table2_seeds.h"

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/text_table.h"
#include "reformer/experiment/provenance.h"
#include "reformer/experiment/published.h"

namespace reformer {
namespace {

// The summary as rows of text: a header, then a row for each model.
TableRows rows(const SeedSummary& summary, std::string_view semantics) {
  TableRows out{{"trained", "learned"}};
  for (const auto evaluated : kEvaluatedWith) out[0].emplace_back(evaluated);
  for (const Learned& learned : summary.learned) {
    std::vector<std::string> row{learned.trained,
                                 fmt::format("{}/{}", learned.seeds, summary.seeds.size())};
    for (const auto evaluated : kEvaluatedWith) {
      const CellSpread& cell = find_cell(summary.cells, learned.trained, evaluated, semantics);
      row.push_back(fmt::format("{:.2f} +- {:.2f} [{:.2f}, {:.2f}]", 100 * cell.spread.mean,
                                100 * cell.spread.deviation, 100 * cell.spread.lowest,
                                100 * cell.spread.highest));
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
    summary.cells.push_back(CellSpread{tables[0].cells[i].trained, tables[0].cells[i].evaluated,
                                       tables[0].cells[i].semantics, spread_of(accuracies)});
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
  std::string out =
      fmt::format("# Table 2 over seeds\n\n{}. {}.\n", caption(summary), provenance_text());
  for (const auto semantics : kTable2Meanings) {
    out += fmt::format("\nUnder {} semantics:\n\n", semantics) +
           markdown_table(rows(summary, semantics));
  }
  return out;
}

nlohmann::ordered_json summary_json(const SeedSummary& summary) {
  nlohmann::ordered_json json = {{"study", "table2 over seeds"}};
  json.update(provenance_json());
  json["seeds"] = summary.seeds;
  for (const Learned& learned : summary.learned) {
    json["learned"].push_back({{"trained", learned.trained}, {"seeds", learned.seeds}});
  }
  for (const CellSpread& cell : summary.cells) {
    json["cells"].push_back({{"trained", cell.trained},
                             {"evaluated", cell.evaluated},
                             {"semantics", cell.semantics},
                             {"mean", cell.spread.mean},
                             {"deviation", cell.spread.deviation},
                             {"lowest", cell.spread.lowest},
                             {"highest", cell.spread.highest}});
  }
  return json;
}

void write_summary(const SeedSummary& summary, const std::filesystem::path& directory) {
  write_file_atomically(directory / "table2-seeds.md", summary_markdown(summary));
  write_file_atomically(directory / "table2-seeds.json", summary_json(summary).dump(2) + "\n");
}

}  // namespace reformer
