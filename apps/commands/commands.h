// The subcommands. Each adds itself to the program; when it is the one that was called, `chosen`
// becomes what it does, which returns the exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace reformer::apps {

using Action = std::function<int()>;

void add_train(CLI::App& program, Action& chosen);
void add_eval(CLI::App& program, Action& chosen);
void add_experiment(CLI::App& program, Action& chosen);
void add_sweep(CLI::App& program, Action& chosen);
void add_runs(CLI::App& program, Action& chosen);
void add_report(CLI::App& program, Action& chosen);
void add_bench(CLI::App& program, Action& chosen);
void add_config(CLI::App& program, Action& chosen);

// A study: a subcommand of `experiment`.
void add_discrepancy(CLI::App& experiment, Action& chosen);

}  // namespace reformer::apps
