#include "reformer/experiment/table2_report.h"

#include <cctype>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/experiment/cross_evaluation.h"
#include "reformer/experiment/provenance.h"
#include "reformer/experiment/published.h"

namespace reformer {
namespace {

std::string capitals(std::string_view name) {
  if (name == "full") return "full";
  std::string out;
  for (const char c : name) {
    out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

AccuracyTable measured(const Table2& table, std::string_view semantics) {
  AccuracyTable out{};
  for (size_t i = 0; i < kTrainedWith.size(); ++i) {
    for (size_t j = 0; j < kEvaluatedWith.size(); ++j) {
      out[i][j] = 100 * table.at(kTrainedWith[i], kEvaluatedWith[j], semantics).loss.accuracy();
    }
  }
  return out;
}

struct Panel {
  std::string title;
  AccuracyTable values;
};

std::vector<Panel> main_panels(const Table2& table) {
  return {{"measured", measured(table, table.own_meaning)},
          {"paper, Table 2", kPaperTable2},
          {"seed report", kSeedReportTable}};
}

// The other meanings.
std::vector<Panel> meaning_panels(const Table2& table) {
  std::vector<Panel> out;
  for (const std::string& meaning : table.meanings) {
    if (meaning == table.own_meaning) continue;
    out.push_back({fmt::format("under {} semantics", meaning), measured(table, meaning)});
  }
  return out;
}

std::string text_panels(const std::vector<Panel>& panels) {
  std::string titles = fmt::format("{:8}", "");
  std::string names = fmt::format("{:8}", "trained");
  for (const Panel& panel : panels) {
    titles += fmt::format("  {:^33}", panel.title);
    names += "  ";
    for (const auto name : kEvaluatedWith) names += fmt::format("{:>6} ", capitals(name));
    names.pop_back();
  }
  while (titles.back() == ' ') titles.pop_back();
  std::string out = titles + "\n" + names + "\n";
  for (size_t i = 0; i < kTrainedWith.size(); ++i) {
    out += fmt::format("{:8}", capitals(kTrainedWith[i]));
    for (const Panel& panel : panels) {
      out += "  ";
      for (const double value : panel.values[i]) out += fmt::format("{:6.2f} ", value);
      out.pop_back();
    }
    out += "\n";
  }
  return out;
}

std::string markdown_panel(const Panel& panel) {
  std::string out = fmt::format("| {} |", panel.title);
  std::string rule = "|---|";
  for (const auto name : kEvaluatedWith) {
    out += fmt::format(" {} |", capitals(name));
    rule += "---:|";
  }
  out += "\n" + rule + "\n";
  for (size_t i = 0; i < kTrainedWith.size(); ++i) {
    out += fmt::format("| {} |", capitals(kTrainedWith[i]));
    for (const double value : panel.values[i]) out += fmt::format(" {:.2f} |", value);
    out += "\n";
  }
  return out;
}

// "full -> LSH-8: 99.87 under consistent; 3.21 with lsh_logit_scale=inverse-sqrt-dim". Nothing of a
// cell without a change, which others are compared with.
std::string switch_lines(const Table2& table) {
  std::string out;
  for (const Cell& cell : table.switches) {
    const auto [base, changes] = base_and_changes(cell.semantics);
    if (changes.empty()) continue;
    out += fmt::format("{:5} -> {:5}  {:6.2f} under {}  {:6.2f} with {}\n", capitals(cell.trained),
                       capitals(cell.evaluated), 100 * table.before(cell).loss.accuracy(), base,
                       100 * cell.loss.accuracy(), changes);
  }
  return out;
}

std::string caption(const Table2& table) {
  const RunConfig& config = table.models.front().config;
  return fmt::format(
      "Accuracy in per cent on {} unseen sequences of {} tokens, {} buckets, chunks of {}; rows: "
      "attention in training, columns: attention in evaluation; trained under {} semantics; seed "
      "{}",
      table.cells.front().sequences, config.model.length, config.model.buckets,
      config.model.chunk_length, config.model.semantics, table.seed);
}

}  // namespace

std::string table2_text(const Table2& table) {
  std::string out = caption(table) + "\n\n" + text_panels(main_panels(table));
  if (const std::vector<Panel> panels = meaning_panels(table); !panels.empty()) {
    out += "\nThe same weights under other meanings of attention\n\n" + text_panels(panels);
  }
  if (!table.switches.empty()) out += "\nWhat each switch does\n\n" + switch_lines(table);
  return out;
}

std::string table2_markdown(const Table2& table) {
  std::string out = "# Trained with one attention, evaluated with another\n\n" + caption(table) +
                    fmt::format(". {}.\n", provenance_text());
  for (const Panel& panel : main_panels(table)) out += "\n" + markdown_panel(panel);
  if (const std::vector<Panel> panels = meaning_panels(table); !panels.empty()) {
    out += "\nThe same weights under other meanings of attention:\n";
    for (const Panel& panel : panels) out += "\n" + markdown_panel(panel);
  }
  if (table.switches.empty()) return out;
  return out + "\nWhat each switch does:\n\n```\n" + switch_lines(table) + "```\n";
}

std::string table2_csv(const Table2& table) {
  std::string out = "trained,evaluated,semantics,accuracy,loss,sequences,seed,rotation_seed\n";
  std::vector<const std::vector<Cell>*> lists = {&table.cells, &table.switches};
  for (const std::vector<Cell>& cells : table.more_rotations) lists.push_back(&cells);
  for (const std::vector<Cell>* cells : lists) {
    for (const Cell& cell : *cells) {
      out += fmt::format("{},{},\"{}\",{},{},{},{},{}\n", cell.trained, cell.evaluated,
                         cell.semantics, cell.loss.accuracy(), cell.loss.loss, cell.sequences,
                         cell.seed, cell.rotation_seed);
    }
  }
  return out;
}

nlohmann::ordered_json table2_json(const Table2& table) {
  nlohmann::ordered_json json = {{"study", "table2"}, {"size", table.size}, {"seed", table.seed}};
  json.update(provenance_json());
  for (const TrainedModel& model : table.models) {
    json["models"].push_back({{"trained", model.trained},
                              {"parameters", model.parameters.size()},
                              {"last_batch_loss", model.last_batch.loss},
                              {"config", to_json(model.config)}});
  }
  for (const Cell& cell : table.cells) json["cells"].push_back(to_json(cell));
  for (const Cell& cell : table.switches) json["switches"].push_back(to_json(cell));
  for (const std::vector<Cell>& cells : table.more_rotations) {
    for (const Cell& cell : cells) json["more_rotations"].push_back(to_json(cell));
  }
  return json;
}

void write_table2(const Table2& table, const std::filesystem::path& directory) {
  ensure_writable_directory(directory);
  ensure_writable_directory(directory / "models");
  for (const TrainedModel& model : table.models) {
    save_trained(directory / "models" / (model.trained + ".safetensors"), model);
  }
  write_file_atomically(directory / "table2.md", table2_markdown(table));
  write_file_atomically(directory / "table2.csv", table2_csv(table));
  write_file_atomically(directory / "table2.json", table2_json(table).dump(2) + "\n");
}

}  // namespace reformer
