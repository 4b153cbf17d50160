// reformer runs list: one row for each run.
#include <fmt/format.h>

#include "apps/commands/runs.h"
#include "apps/output.h"
#include "apps/run_text.h"
#include "apps/wall_clock.h"
#include "reformer/base/text_table.h"
#include "reformer/run/run_search.h"

namespace reformer::apps {
namespace {

class RunsList {
 public:
  explicit RunsList(CLI::App& command) {
    command.add_option("DIR", directory_, "where to look for runs, also in its folders [runs]");
    command.add_flag("--json", json_, "print the result as JSON");
  }

  int run() const {
    std::vector<RunSummary> summaries;
    for (const auto& path : find_runs(directory_)) summaries.push_back(summarise_run(path));
    print(json_ ? json_result(summaries) : text_result(summaries));
    return 0;
  }

 private:
  std::string text_result(const std::vector<RunSummary>& summaries) const {
    if (summaries.empty()) return fmt::format("no runs under {}\n", directory_);
    const double now = machine_clock().unix_seconds();
    TableRows rows = {{"run", "trained", "seed", "status", "step", "loss", "accuracy", "best",
                       "at step", "changed"}};
    std::string errors;
    for (const RunSummary& s : summaries) {
      const std::string path = plain_text(s.path.string());
      if (!s.error.empty()) {
        rows.push_back({path, "", "", "unreadable", "", "", "", "", "", ""});
        errors += fmt::format("{}\n", printable(s.error));
        continue;
      }
      rows.push_back({path, plain_text(s.state.name), fmt::format("{}", s.state.seed), s.status(),
                      fmt::format("{}/{}", s.state.step, s.state.steps),
                      s.last ? number_text(s.last->loss) : "",
                      s.last ? percent_text(s.last->accuracy) : "",
                      s.best ? percent_text(s.best->accuracy) : "",
                      s.best ? fmt::format("{}", s.best->step) : "",
                      duration_text(now - s.state.updated_at) + " ago"});
    }
    const std::string table =
        text_table(rows, {false, false, true, false, true, true, true, true, true, true});
    return errors.empty() ? table : table + "\n" + errors;
  }

  static std::string json_result(const std::vector<RunSummary>& summaries) {
    nlohmann::ordered_json result = nlohmann::ordered_json::array();
    for (const RunSummary& summary : summaries) result.push_back(summary_json(summary));
    return json_text(result);
  }

  std::string directory_ = "runs";
  bool json_ = false;
};

}  // namespace

void add_runs_list(CLI::App& runs, Action& chosen) {
  bind_command<RunsList>(*runs.add_subcommand("list", "all runs under a directory"), chosen);
}

}  // namespace reformer::apps
