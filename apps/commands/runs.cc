// reformer runs: looks at runs, deletes them and exports them.
#include "apps/commands/runs.h"

namespace reformer::apps {
namespace {

constexpr const char* kRunsExamples = R"(Examples:
  reformer runs list                                   all runs under runs/
  reformer runs show runs/full-seed42                  settings, sessions, results, events
  reformer runs compare runs/full-seed42 runs/slower   what differs
  reformer runs export runs/full-seed42 --format csv   metrics by step
  reformer runs export runs/full-seed42 --format tensorboard -o logs/full
  reformer runs delete runs/slower                     asks before it does)";

}  // namespace

void add_runs(CLI::App& program, Action& chosen) {
  CLI::App* runs = program.add_subcommand("runs", "list, show, compare, delete and export runs");
  runs->require_subcommand(1);
  add_runs_list(*runs, chosen);
  add_runs_show(*runs, chosen);
  add_runs_compare(*runs, chosen);
  add_runs_delete(*runs, chosen);
  add_runs_export(*runs, chosen);
  runs->footer(kRunsExamples);
  for (CLI::App* command : runs->get_subcommands({})) command->footer(kRunsExamples);
}

}  // namespace reformer::apps
