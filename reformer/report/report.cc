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

ordered_json published_json() {
  return {{"trained", kTrainedWith},
          {"evaluated", kEvaluatedWith},
          {"paper", kPaperTable2},
          {"seed_report", kSeedReportTable}};
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
  const DuplicationTask task(config.task, config.model.length, config.model.input_shift,
                             static_cast<uint64_t>(config.train.seed));
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

// A message names a file by its whole path, and a report must not tell where its maker keeps
// things.
std::string without_path(std::string message, const ReportSource& source) {
  const std::string path = source.path.string();
  for (size_t at = message.find(path); at != std::string::npos; at = message.find(path, at)) {
    message.replace(at, path.size(), source.name);
    at += source.name.size();
  }
  return message;
}

// Does it, or remembers why not.
template <class Act>
void attempt(Report& report, const ReportSource& source, Act&& act) {
  try {
    act();
  } catch (const Error& error) {
    report.problems.push_back({source.name, without_path(error.what(), source)});
  }
}

}  // namespace

int64_t buckets_for(size_t runs) {
  constexpr size_t kBytes = 1'700'000;
  // Loss and accuracy have four statistics of two bytes, the others come to 1.5 such curves, and
  // base64 makes four bytes of three.
  constexpr size_t kBytesOfBucket = 38;
  const size_t buckets = kBytes / (kBytesOfBucket * std::max(runs, size_t{1}));
  return static_cast<int64_t>(std::clamp(buckets, size_t{64}, size_t{4096}));
}

Report make_report(const std::vector<fs::path>& paths, CurveEncoding encoding) {
  const ReportSources sources = find_report_sources(paths);
  Report report;
  ordered_json& document = report.document;
  document = {{"format", "reformer report"},
              {"version", 1},
              {"written_by", {{"version", version()}, {"commit", commit()}}},
              {"published", published_json()},
              {"settings", settings_json()},
              {"task", nullptr}};
  for (const char* part : {"runs", "tables", "discrepancies", "speeds"}) {
    document[part] = ordered_json::array();
  }
  const CurveDetail detail{buckets_for(sources.runs.size()), encoding};
  for (const ReportSource& run : sources.runs) {
    attempt(report, run, [&] { document["runs"].push_back(run_part(run, detail)); });
  }
  for (const ReportSource& source : sources.results) {
    attempt(report, source, [&] {
      auto part = result_part(read_result(source), source.name);
      if (!part) return;
      constexpr std::array kPlaces = {"tables", "discrepancies", "speeds"};
      document[kPlaces.at(static_cast<size_t>(part->kind))].push_back(std::move(part->content));
    });
  }
  const bool empty = document["runs"].empty() && document["tables"].empty() &&
                     document["discrepancies"].empty() && document["speeds"].empty();
  if (empty) {
    fail("reformer report",
         "expected runs or results that can be read, found {}; try the "
         "directory that `reformer train --run` or `reformer experiment --out` wrote",
         report.problems.empty() ? "none" : report.problems.front().message);
  }
  if (!document["runs"].empty()) {
    const ordered_json& run = document["runs"].front();
    const auto name = run["name"].get<std::string>();
    attempt(report, {name, name}, [&] { document["task"] = task_json(run["config"]); });
  }
  document["problems"] = ordered_json::array();
  for (const ReportProblem& problem : report.problems) {
    document["problems"].push_back({{"name", problem.name}, {"message", problem.message}});
  }
  return report;
}

}  // namespace reformer
