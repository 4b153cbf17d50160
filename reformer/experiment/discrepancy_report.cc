#include "reformer/experiment/discrepancy_report.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "reformer/base/files.h"
#include "reformer/base/text_table.h"
#include "reformer/experiment/discrepancy_summary.h"
#include "reformer/experiment/provenance.h"

namespace reformer {
namespace {

// How a document of one kind is written.
struct Style {
  std::string (*title)(std::string_view text);
  std::string (*heading)(std::string_view text);
  std::string (*table)(const TableRows& rows);
};

const Style& terminal() {
  static const Style style = {[](std::string_view) { return std::string(); },
                              [](std::string_view text) { return fmt::format("\n{}\n", text); },
                              [](const TableRows& rows) {
                                std::vector<bool> right(rows.front().size(), true);
                                right[0] = false;
                                return text_table(rows, right);
                              }};
  return style;
}

const Style& markdown() {
  static const Style style = {[](std::string_view text) { return fmt::format("# {}\n\n", text); },
                              [](std::string_view text) { return fmt::format("\n## {}\n", text); },
                              markdown_table};
  return style;
}

std::string percent(const Spread& spread) {
  return fmt::format("{:.2f} +- {:.2f} [{:.2f}, {:.2f}]", 100 * spread.mean, 100 * spread.deviation,
                     100 * spread.lowest, 100 * spread.highest);
}

std::string caption(const Discrepancy& study) {
  const RunConfig& config = study.models.front().config;
  std::set<int64_t> seeds;
  for (const StudiedModel& model : study.models) seeds.insert(model.config.train.seed);
  return fmt::format(
      "Accuracy in per cent on {} unseen sequences of {} tokens, {} buckets, chunks of {}; mean +- "
      "standard deviation [lowest, highest] over training seeds {}. Weights of one row are the "
      "same; only the meaning of attention in evaluation changes.",
      study.models.front().own.sequences, config.model.length, config.model.buckets,
      config.model.chunk_length, fmt::join(seeds, ", "));
}

TableRows model_rows(const Discrepancy& study) {
  TableRows rows{{"model", "seed", "semantics", "steps", "under its own attention"}};
  for (const StudiedModel& model : study.models) {
    rows.push_back({model.name, std::to_string(model.config.train.seed),
                    model.config.model.semantics, std::to_string(model.config.train.steps),
                    fmt::format("{:.2f}", 100 * model.own.loss.accuracy())});
  }
  return rows;
}

TableRows flip_rows(const ComparisonSummary& summary) {
  TableRows rows{{"flipped alone", fmt::format("from `{}`", summary.plan.keeping),
                  fmt::format("from `{}`", summary.plan.losing)}};
  rows.push_back({"nothing", percent(summary.keeping), percent(summary.losing)});
  for (const FlipSummary& flip : summary.flips) {
    rows.push_back({flip.name, percent(flip.breaks), percent(flip.heals)});
  }
  return rows;
}

std::string finding_text(const Discrepancy& study, const Finding& finding, const Style& style) {
  std::string out = style.heading(fmt::format("({}) {}", finding.key, finding.title));
  for (const ComparisonResult& result : study.comparisons) {
    if (result.plan.finding != finding.key) continue;
    const ComparisonSummary summary = summarise(result);
    out +=
        fmt::format("\n{} -> {}, {} training seed{}\n\n", summary.plan.model,
                    summary.plan.evaluated, result.runs.size(), result.runs.size() == 1 ? "" : "s");
    out += style.table(flip_rows(summary)) + "\n" + verdict(summary) + "\n";
  }
  return out;
}

std::string short_percent(const Spread& spread) {
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", 100 * spread.mean, 100 * spread.lowest,
                     100 * spread.highest);
}

// The number alone where there is one training seed.
std::string seeds_percent(const Spread& spread) {
  return spread.count == 1 ? fmt::format("{:.2f}", 100 * spread.mean) : short_percent(spread);
}

TableRows meaning_rows(const Discrepancy& study) {
  TableRows rows{{"model", "evaluated"}};
  rows[0].insert(rows[0].end(), semantics_names().begin(), semantics_names().end());
  for (const MeaningSummary& summary : summarise_meanings(study)) {
    rows.push_back({summary.model, summary.evaluated});
    for (const Spread& spread : summary.by_meaning) rows.back().push_back(seeds_percent(spread));
  }
  return rows;
}

std::string models_text(const Suspect& plan) {
  if (plan.usual.model == plan.changed.model) return std::string(plan.usual.model);
  return fmt::format("{} / {}", plan.usual.model, plan.changed.model);
}

TableRows suspect_rows(const Discrepancy& study) {
  TableRows rows{{"suspect", "model", "evaluated", "usual", "changed", "difference",
                  "over rotations", "seeds"}};
  for (const SuspectResult& result : study.suspects) {
    const SuspectSummary s = summarise(result);
    rows.push_back(
        {std::string(s.plan.name), models_text(s.plan), std::string(s.plan.evaluated),
         short_percent(s.usual), short_percent(s.changed),
         fmt::format("{:+.2f} +- {:.2f}", 100 * s.difference.mean, 100 * s.difference.deviation),
         fmt::format("{:.2f}, {:.2f}", 100 * s.usual_rotations, 100 * s.changed_rotations),
         std::to_string(result.runs.size())});
  }
  return rows;
}

std::string document(const Discrepancy& study, const Style& style) {
  std::string out = style.title("Why two tables differ") + caption(study) + "\n";
  for (const Finding& finding : findings()) out += finding_text(study, finding, style);
  if (!study.suspects.empty()) {
    out += style.heading("Smaller suspects");
    out += fmt::format(
        "\nMean [lowest, highest] over training seeds and {} rotation seeds. The difference is "
        "that of "
        "means over rotations, its deviation over training seeds. Over rotations: deviation of the "
        "same weights over rotation seeds, usual and changed.\n\n",
        kSuspectRotations);
    out += style.table(suspect_rows(study));
  }
  out += style.heading("Under every meaning");
  out += "\nThe same weights under each program's meaning of attention.\n\n";
  out += style.table(meaning_rows(study));
  out += style.heading("Models") + "\n" + style.table(model_rows(study));
  if (!study.absent.empty()) {
    out += fmt::format("\nLeft out, as there was no model: {}.\n", fmt::join(study.absent, "; "));
  }
  return out;
}

nlohmann::ordered_json to_json(const std::vector<Cell>& cells) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const Cell& cell : cells) json.push_back(reformer::to_json(cell));
  return json;
}

nlohmann::ordered_json to_json(const ComparisonResult& result) {
  const Comparison& plan = result.plan;
  nlohmann::ordered_json json = {
      {"finding", plan.finding},     {"model", plan.model},
      {"evaluated", plan.evaluated}, {"losing", plan.losing},
      {"keeping", plan.keeping},     {"verdict", verdict(summarise(result))}};
  for (const ComparisonRun& run : result.runs) {
    nlohmann::ordered_json flips = nlohmann::ordered_json::array();
    for (const FlippedCells& flip : run.flips) {
      flips.push_back({{"switch", flip.name},
                       {"breaks", reformer::to_json(flip.breaks)},
                       {"heals", reformer::to_json(flip.heals)}});
    }
    json["runs"].push_back({{"losing", reformer::to_json(run.losing)},
                            {"keeping", reformer::to_json(run.keeping)},
                            {"flips", flips}});
  }
  return json;
}

nlohmann::ordered_json to_json(const Condition& condition) {
  return {{"model", condition.model},
          {"semantics", condition.semantics},
          {"paper_shape", condition.surroundings.paper_shape},
          {"training_rows", condition.surroundings.training_rows},
          {"own_rotations", condition.own_rotations}};
}

nlohmann::ordered_json to_json(const SuspectResult& result) {
  nlohmann::ordered_json json = {{"name", result.plan.name},
                                 {"evaluated", result.plan.evaluated},
                                 {"usual", to_json(result.plan.usual)},
                                 {"changed", to_json(result.plan.changed)}};
  for (const SuspectRun& run : result.runs) {
    json["runs"].push_back({{"usual", to_json(run.usual)}, {"changed", to_json(run.changed)}});
  }
  return json;
}

}  // namespace

std::string discrepancy_text(const Discrepancy& study) { return document(study, terminal()); }

std::string discrepancy_markdown(const Discrepancy& study) {
  return document(study, markdown()) + "\n" + provenance_text() + ".\n";
}

nlohmann::ordered_json discrepancy_json(const Discrepancy& study) {
  nlohmann::ordered_json json = {{"study", "discrepancy"}, {"size", study.size}};
  json.update(provenance_json());
  for (const StudiedModel& model : study.models) {
    json["models"].push_back({{"name", model.name},
                              {"seed", model.config.train.seed},
                              {"own", reformer::to_json(model.own)},
                              {"meanings", to_json(model.meanings)},
                              {"config", reformer::to_json(model.config)}});
  }
  json["comparisons"] = nlohmann::ordered_json::array();
  for (const ComparisonResult& result : study.comparisons) {
    json["comparisons"].push_back(to_json(result));
  }
  json["suspects"] = nlohmann::ordered_json::array();
  for (const SuspectResult& result : study.suspects) json["suspects"].push_back(to_json(result));
  json["absent"] = study.absent;
  return json;
}

void write_discrepancy(const Discrepancy& study, const std::filesystem::path& directory) {
  ensure_writable_directory(directory);
  write_file_atomically(directory / "discrepancy.md", discrepancy_markdown(study));
  write_file_atomically(directory / "discrepancy.json", discrepancy_json(study).dump(2) + "\n");
}

}  // namespace reformer
