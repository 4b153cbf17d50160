// reformer runs compare: the settings in which runs differ, and how far each came.
#include <fmt/format.h>

#include <algorithm>

#include "apps/commands/runs.h"
#include "apps/output.h"
#include "apps/run_text.h"
#include "reformer/base/error.h"
#include "reformer/base/text_table.h"
#include "reformer/run/run_files.h"

namespace reformer::apps {
namespace {

struct ComparedRun {
  RunSummary summary;
  nlohmann::ordered_json settings;  // {"length": 128, ...}, of all parts
};

ComparedRun read_run(const std::string& path) {
  ComparedRun run{summarise_run(path), nlohmann::ordered_json::object()};
  if (!run.summary.error.empty()) throw Error(run.summary.error);
  RunConfig config = read_run_config({path});
  for (const Setting& setting : settings_of_run(config)) {
    run.settings[setting.name] = setting.get();
  }
  return run;
}

class RunsCompare {
 public:
  explicit RunsCompare(CLI::App& command) {
    command.add_option("RUN", directories_, "directories of the runs")
        ->required()
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_flag("--json", json_, "print the result as JSON");
  }

  int run() {
    if (directories_.size() < 2) {
      fail("reformer runs compare",
           "expected at least two runs, found {}; try `reformer runs list`", directories_.size());
    }
    for (const std::string& directory : directories_) runs_.push_back(read_run(directory));
    print(json_ ? json_result() : text_result());
    return 0;
  }

 private:
  // All settings have the same names, for reading a configuration asks for every one.
  std::vector<std::string> different_settings() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : runs_.front().settings.items()) {
      const auto is_same = [&](const ComparedRun& r) { return r.settings.at(name) == value; };
      if (!std::ranges::all_of(runs_, is_same)) names.push_back(name);
    }
    return names;
  }

  template <class TextOf>
  std::vector<std::string> row(std::string name, TextOf text_of) const {
    std::vector<std::string> cells = {std::move(name)};
    for (const ComparedRun& run : runs_) cells.push_back(text_of(run));
    return cells;
  }

  std::string text_result() const {
    TableRows rows = {
        row("", [](const ComparedRun& r) { return plain_text(r.summary.path.string()); })};
    for (const std::string& name : different_settings()) {
      rows.push_back(row(name, [&](const ComparedRun& r) {
        const auto& value = r.settings.at(name);
        return value.is_string() ? plain_text(value.get<std::string>()) : value.dump();
      }));
    }
    const auto add = [&](const char* name, auto text_of) {
      rows.push_back(
          row(name, [&](const ComparedRun& r) { return std::string(text_of(r.summary)); }));
    };
    add("status", [](const RunSummary& s) { return s.status(); });
    add("step",
        [](const RunSummary& s) { return fmt::format("{}/{}", s.state.step, s.state.steps); });
    add("last loss", [](const RunSummary& s) { return s.last ? number_text(s.last->loss) : ""; });
    add("last accuracy",
        [](const RunSummary& s) { return s.last ? percent_text(s.last->accuracy) : ""; });
    add("best evaluation", [](const RunSummary& s) {
      return s.best ? fmt::format("{} (step {})", percent_text(s.best->accuracy), s.best->step)
                    : "";
    });
    add("training", [](const RunSummary& s) { return duration_text(s.state.seconds); });
    return text_table(rows);
  }

  std::string json_result() const {
    nlohmann::ordered_json result = {{"settings", nlohmann::ordered_json::object()},
                                     {"runs", nlohmann::ordered_json::array()}};
    for (const std::string& name : different_settings()) {
      for (const ComparedRun& run : runs_) {
        result["settings"][name].push_back(run.settings.at(name));
      }
    }
    for (const ComparedRun& run : runs_) result["runs"].push_back(summary_json(run.summary));
    return json_text(result);
  }

  std::vector<std::string> directories_;
  std::vector<ComparedRun> runs_;
  bool json_ = false;
};

}  // namespace

void add_runs_compare(CLI::App& runs, Action& chosen) {
  bind_command<RunsCompare>(
      *runs.add_subcommand("compare", "settings in which runs differ, and their results"), chosen);
}

}  // namespace reformer::apps
