// The settings and the meanings of attention as tables.
#pragma once

#include <string>

#include "reformer/train/run_config.h"

namespace reformer::apps {

enum class TableStyle { text, markdown };

// Every setting with its type, its value in `config`, its range and what it is; one table for each
// part of a configuration.
std::string settings_table(RunConfig config, TableStyle style);

// One row for each switch of AttentionSemantics and one column for each preset. Presets but the
// first show only where they differ from it.
std::string semantics_table(TableStyle style);

}  // namespace reformer::apps
