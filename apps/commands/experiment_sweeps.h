// The studies of training dynamics, which are sweeps.
#pragma once

#include "apps/commands/commands.h"

namespace reformer::apps {

// `experiment seeds` and `experiment lr`.
void add_experiment_sweeps(CLI::App& experiment, Action& chosen);

}  // namespace reformer::apps
