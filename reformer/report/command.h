// How to do it again.
#pragma once

#include <string>
#include <string_view>

#include "reformer/train/run_config.h"

namespace reformer {

// The command line that trains this configuration in directory `run`: the nearest preset, and a
// flag for each setting that it has otherwise. For a POSIX shell.
std::string training_command(const RunConfig& config, std::string_view run);

}  // namespace reformer
