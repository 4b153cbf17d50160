#include "reformer/report/report.h"

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/version.h"
#include "reformer/experiment/published.h"
#include "reformer/report/result_part.h"
#include "reformer/report/run_part.h"
#include "reformer/task/duplication.h"
#include "reformer/train/run_config.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr std::uintmax_t kLargestResult = 64 << 20;  // bytes

template <class Times>
ordered_json times_json(const Times& times) {
  ordered_json out = ordered_json::array();
  for (const PublishedTime& time : times) {
    out.push_back(
        {{"attention", time.attention}, {"tokens", time.length}, {"seconds", time.seconds}});
  }
  return out;
}

ordered_json published_json() {
  return {{"trained", kTrainedWith},
          {"evaluated", kEvaluatedWith},
          {"paper", kPaperTable2},
          {"seed_report", kSeedReportTable},
          {"step_tokens", kPublishedStepTokens},
          {"paper_times", times_json(kPaperFigure5)},
          {"seed_report_times", times_json(kSeedReportTimes)}};
}

ordered_json settings_json() {
  RunConfig config;
  ordered_json out = ordered_json::array();
  const ordered_json parts = to_json(config);
  for (const Setting& setting : settings_of_run(config)) {
    for (const auto& [part, fields] : parts.items()) {
      if (fields.contains(setting.name)) {
        out.push_back({{"part", part}, {"name", setting.name}, {"help", setting.help}});
      }
    }
  }
  return out;
}

// The first validation example of a run.
ordered_json task_json(const ordered_json& run_config) {
  RunConfig config;
  from_json(nlohmann::json(run_config), config, "config");
  const DuplicationTask task = task_of(config);
  ExampleBuffer example;
  task.validation_example(0, example);
  return {{"inputs", example.inputs},
          {"targets", example.targets},
          {"scored_begin", example.scored_begin},
          {"scored_end", example.scored_end},
          {"chance", task.chance_accuracy()}};
}

std::string read_result(const ReportSource& source) {
  std::error_code code;
  const auto size = fs::file_size(source.path, code);
  if (!code && size > kLargestResult) {
    fail(source.name, "expected a result of at most {} bytes, found {}", kLargestResult, size);
  }
  return read_file(source.path);
}

// Does it, or remembers why not.
template <class Act>
void attempt(std::vector<ReportProblem>& problems, const ReportSource& source, Act&& act) {
  try {
    act();
  } catch (const Error& error) {
    problems.push_back(problem_of(source, error.what()));
  }
}

}  // namespace

size_t bytes_for(size_t runs) {
  constexpr size_t kBytes = 1'600'000;
  return kBytes / std::max(runs, size_t{1});
}

ReportProblem problem_of(const ReportSource& source, std::string message) {
  const std::string path = source.path.string();
  for (size_t at = message.find(path); at != std::string::npos; at = message.find(path, at)) {
    message.replace(at, path.size(), source.name);
    at += source.name.size();
  }
  return {source.name, std::move(message)};
}

ordered_json empty_document() {
  ordered_json document = {{"format", "reformer report"},
                           {"version", 1},
                           {"written_by", {{"version", version()}, {"commit", commit()}}},
                           {"published", published_json()},
                           {"settings", settings_json()},
                           {"task", nullptr}};
  for (const char* part : {"runs", "tables", "discrepancies", "speeds", "problems"}) {
    document[part] = ordered_json::array();
  }
  return document;
}

void add_results(ordered_json& document, const std::vector<ReportSource>& results,
                 std::vector<ReportProblem>& problems) {
  for (const ReportSource& source : results) {
    attempt(problems, source, [&] {
      auto part = result_part(read_result(source), source.name);
      if (!part) return;
      constexpr std::array kPlaces = {"tables", "discrepancies", "speeds"};
      document[kPlaces.at(static_cast<size_t>(part->kind))].push_back(std::move(part->content));
    });
  }
}

ordered_json task_part(const ordered_json& runs, std::vector<ReportProblem>& problems) {
  ordered_json task;
  if (runs.empty()) return task;
  const ordered_json& run = runs.front();
  const auto name = run["name"].get<std::string>();
  attempt(problems, {name, name}, [&] { task = task_json(run["config"]); });
  return task;
}

ordered_json problems_json(const std::vector<ReportProblem>& problems) {
  ordered_json out = ordered_json::array();
  for (const ReportProblem& problem : problems) {
    out.push_back({{"name", problem.name}, {"message", problem.message}});
  }
  return out;
}

Report make_report(const std::vector<fs::path>& paths, CurveEncoding encoding) {
  const ReportSources sources = find_report_sources(paths);
  Report report;
  ordered_json& document = report.document = empty_document();
  const RunDetail detail{bytes_for(sources.runs.size()), encoding};
  for (const ReportSource& run : sources.runs) {
    attempt(report.problems, run, [&] { document["runs"].push_back(run_part(run, detail)); });
  }
  add_results(document, sources.results, report.problems);
  const bool empty = document["runs"].empty() && document["tables"].empty() &&
                     document["discrepancies"].empty() && document["speeds"].empty();
  if (empty) {
    fail("reformer report",
         "expected runs or results that can be read, found {}; try the "
         "directory that `reformer train --run` or `reformer experiment --out` wrote",
         report.problems.empty() ? "none" : report.problems.front().message);
  }
  document["task"] = task_part(document["runs"], report.problems);
  document["problems"] = problems_json(report.problems);
  return report;
}

}  // namespace reformer
