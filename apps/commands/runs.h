// What `reformer runs` can do. Each adds itself to that command.
#pragma once

#include "apps/commands/commands.h"

namespace reformer::apps {

void add_runs_list(CLI::App& runs, Action& chosen);
void add_runs_show(CLI::App& runs, Action& chosen);
void add_runs_compare(CLI::App& runs, Action& chosen);
void add_runs_delete(CLI::App& runs, Action& chosen);
void add_runs_export(CLI::App& runs, Action& chosen);

}  // namespace reformer::apps
