// reformer runs delete: removes the files of runs.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "apps/commands/runs.h"
#include "apps/output.h"
#include "apps/run_text.h"
#include "apps/wall_clock.h"
#include "reformer/base/error.h"
#include "reformer/run/run_removal.h"

namespace reformer::apps {
namespace {

class RunsDelete {
 public:
  explicit RunsDelete(CLI::App& command) {
    command.add_option("RUN", directories_, "directories of the runs")
        ->required()
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_flag("--force", force_, "do not ask");
  }

  int run() const {
    for (const std::string& directory : directories_) require_run(directory);
    for (const std::string& directory : directories_) {
      if (!force_ && !confirmed(directory)) {
        print(fmt::format("kept {}\n", directory));
        continue;
      }
      std::string text = fmt::format("deleted {}\n", directory);
      for (const auto& path : delete_run(directory, machine_clock().unix_seconds())) {
        text += fmt::format("  kept {}: not a file of a run\n", plain_text(path.string()));
      }
      print(text);
    }
    return 0;
  }

 private:
  static bool confirmed(const std::string& directory) {
    if (::isatty(STDIN_FILENO) != 1) {
      fail("runs delete",
           "expected --force or a terminal to ask on, found neither; try with --force");
    }
    print(fmt::format("delete {}? [y/N] ", directory));
    char answer[16] = {};
    return std::fgets(answer, sizeof answer, stdin) != nullptr &&
           (answer[0] == 'y' || answer[0] == 'Y');
  }

  std::vector<std::string> directories_;
  bool force_ = false;
};

}  // namespace

void add_runs_delete(CLI::App& runs, Action& chosen) {
  bind_command<RunsDelete>(*runs.add_subcommand("delete", "remove runs that no process trains"),
                           chosen);
}

}  // namespace reformer::apps
