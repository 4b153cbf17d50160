// The subcommands. Each adds itself to the program; when it is the one that was called, `chosen`
// becomes what it does, which returns the exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace reformer::apps {

using Action = std::function<int()>;

// Makes a Command of `command` and the other arguments: an object that adds its flags to it, and
// does what it is for in run(), which returns the exit code.
template <class Command, class... Arguments>
void bind_command(CLI::App& command, Action& chosen, Arguments&&... arguments) {
  auto state = std::make_shared<Command>(command, std::forward<Arguments>(arguments)...);
  command.callback([state, &chosen] { chosen = [state] { return state->run(); }; });
}

void add_train(CLI::App& program, Action& chosen);
void add_eval(CLI::App& program, Action& chosen);
void add_generate(CLI::App& program, Action& chosen);
void add_inspect(CLI::App& program, Action& chosen);
void add_gradients(CLI::App& program, Action& chosen);
void add_experiment(CLI::App& program, Action& chosen);
void add_sweep(CLI::App& program, Action& chosen);
void add_runs(CLI::App& program, Action& chosen);
void add_report(CLI::App& program, Action& chosen);
void add_serve(CLI::App& program, Action& chosen);
void add_bench(CLI::App& program, Action& chosen);
void add_convert(CLI::App& program, Action& chosen);
void add_config(CLI::App& program, Action& chosen);

// A study: a subcommand of `experiment`.
void add_discrepancy(CLI::App& experiment, Action& chosen);

}  // namespace reformer::apps
