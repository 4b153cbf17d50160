// What `reformer runs` can do. Each adds itself to that command.
#pragma once

#include <memory>

#include "apps/commands/commands.h"

namespace reformer::apps {

void add_runs_list(CLI::App& runs, Action& chosen);
void add_runs_show(CLI::App& runs, Action& chosen);
void add_runs_compare(CLI::App& runs, Action& chosen);
void add_runs_delete(CLI::App& runs, Action& chosen);
void add_runs_export(CLI::App& runs, Action& chosen);

// Makes an object of Command, which adds its flags to `command` and does what it is for in run().
template <class Command>
void bind_command(CLI::App& command, Action& chosen) {
  auto state = std::make_shared<Command>(command);
  command.callback([state, &chosen] { chosen = [state] { return state->run(); }; });
}

}  // namespace reformer::apps
