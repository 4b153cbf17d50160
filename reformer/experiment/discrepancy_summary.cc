#include "reformer/experiment/discrepancy_summary.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "reformer/base/error.h"

namespace reformer {
namespace {

template <class Run, class CellOf>
Spread over_runs(const std::vector<Run>& runs, CellOf&& cell_of) {
  std::vector<double> accuracies;
  for (const Run& run : runs) accuracies.push_back(cell_of(run).loss.accuracy());
  return spread_of(accuracies);
}

double gap(const ComparisonSummary& summary) { return summary.keeping.mean - summary.losing.mean; }
double lost_by(const ComparisonSummary& summary, const FlipSummary& flip) {
  return summary.keeping.mean - flip.breaks.mean;
}
double regained_by(const ComparisonSummary& summary, const FlipSummary& flip) {
  return flip.heals.mean - summary.losing.mean;
}

std::vector<double> accuracies(const std::vector<Cell>& cells) {
  std::vector<double> out;
  for (const Cell& cell : cells) out.push_back(cell.loss.accuracy());
  return out;
}

std::string list(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace

ComparisonSummary summarise(const ComparisonResult& result) {
  REFORMER_CHECK(!result.runs.empty());
  ComparisonSummary summary{
      result.plan,
      over_runs(result.runs, [](const ComparisonRun& run) { return run.losing; }),
      over_runs(result.runs, [](const ComparisonRun& run) { return run.keeping; }),
      {}};
  for (size_t i = 0; i < result.runs.front().flips.size(); ++i) {
    summary.flips.push_back(
        {result.runs.front().flips[i].name,
         over_runs(result.runs, [i](const ComparisonRun& run) { return run.flips.at(i).breaks; }),
         over_runs(result.runs, [i](const ComparisonRun& run) { return run.flips.at(i).heals; })});
  }
  return summary;
}

bool is_cause(const ComparisonSummary& summary, const FlipSummary& flip) {
  return gap(summary) >= kNothingToExplain && lost_by(summary, flip) >= gap(summary) / 2;
}

bool is_cure(const ComparisonSummary& summary, const FlipSummary& flip) {
  return gap(summary) >= kNothingToExplain && regained_by(summary, flip) >= gap(summary) / 2;
}

std::string verdict(const ComparisonSummary& summary) {
  if (gap(summary) < kNothingToExplain) {
    return fmt::format("These weights lose {:.2f} points, too little to explain.",
                       100 * gap(summary));
  }
  std::vector<std::string> both, causes, cures;
  double others = 0;
  for (const FlipSummary& flip : summary.flips) {
    const bool cause = is_cause(summary, flip), cure = is_cure(summary, flip);
    const std::string lost = fmt::format("{:.2f}", 100 * lost_by(summary, flip));
    const std::string regained = fmt::format("{:.2f}", 100 * regained_by(summary, flip));
    if (cause && cure) {
      both.push_back(fmt::format("`{}` alone takes {} of {:.2f} points and gives back {}",
                                 flip.name, lost, 100 * gap(summary), regained));
    } else if (cause) {
      causes.push_back(fmt::format("`{}` alone takes {} of {:.2f} points but gives back only {}",
                                   flip.name, lost, 100 * gap(summary), regained));
    } else if (cure) {
      cures.push_back(fmt::format("`{}` alone gives back {} of {:.2f} points but takes only {}",
                                  flip.name, regained, 100 * gap(summary), lost));
    } else {
      others = std::max(
          {others, std::abs(lost_by(summary, flip)), std::abs(regained_by(summary, flip))});
    }
  }
  std::vector<std::string> sentences = both;
  sentences.insert(sentences.end(), causes.begin(), causes.end());
  sentences.insert(sentences.end(), cures.begin(), cures.end());
  if (sentences.empty()) sentences.emplace_back("No switch alone takes or gives back half of it");
  if (sentences.size() < summary.flips.size()) {
    sentences.push_back(
        fmt::format("what else differs moves it by at most {:.2f} points", 100 * others));
  }
  return list(sentences) + ".";
}

SuspectSummary summarise(const SuspectResult& result) {
  REFORMER_CHECK(!result.runs.empty());
  SuspectSummary summary;
  summary.plan = result.plan;
  std::vector<double> usual, changed, differences;
  for (const SuspectRun& run : result.runs) {
    const std::vector<double> before = accuracies(run.usual), after = accuracies(run.changed);
    usual.insert(usual.end(), before.begin(), before.end());
    changed.insert(changed.end(), after.begin(), after.end());
    differences.push_back(spread_of(after).mean - spread_of(before).mean);
    const auto runs = static_cast<double>(result.runs.size());
    summary.usual_rotations += spread_of(before).deviation / runs;
    summary.changed_rotations += spread_of(after).deviation / runs;
  }
  summary.usual = spread_of(usual);
  summary.changed = spread_of(changed);
  summary.difference = spread_of(differences);
  return summary;
}

std::vector<MeaningSummary> summarise_meanings(const Discrepancy& study) {
  std::vector<MeaningSummary> out;
  for (const std::string& name : discrepancy_models()) {
    std::vector<const StudiedModel*> of_name;
    for (const StudiedModel& model : study.models) {
      if (model.name == name) of_name.push_back(&model);
    }
    if (of_name.empty()) continue;
    for (const std::string_view evaluated : kMeaningAttentions) {
      MeaningSummary summary{name, std::string(evaluated), {}};
      for (const std::string& meaning : semantics_names()) {
        std::vector<double> of_seeds;
        for (const StudiedModel* model : of_name) {
          const Cell& cell = find_cell(model->meanings, model->own.trained, evaluated, meaning);
          of_seeds.push_back(cell.loss.accuracy());
        }
        summary.by_meaning.push_back(spread_of(of_seeds));
      }
      out.push_back(std::move(summary));
    }
  }
  return out;
}

}  // namespace reformer
