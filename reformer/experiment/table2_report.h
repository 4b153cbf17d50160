// Table 2 as text for people and as files for programs.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "reformer/experiment/table2.h"

namespace reformer {

// The table beside the paper's and the seed report's, then the same weights under the published
// meanings and the switches that make the difference. Columns are aligned for a terminal.
std::string table2_text(const Table2& table);

// The same in Markdown.
std::string table2_markdown(const Table2& table);

// trained,evaluated,semantics,accuracy,loss,sequences,seed,rotation_seed
std::string table2_csv(const Table2& table);

// {"study": "table2", "size", "seed", "version", "commit", "machine", "models": [...],
//  "cells": [{"trained", "evaluated", "semantics", "accuracy" (0 to 1), ...}], "switches": [...]}
nlohmann::ordered_json table2_json(const Table2& table);

// Writes table2.md, table2.csv, table2.json and models/<trained>.safetensors to a directory, each
// in one step.
void write_table2(const Table2& table, const std::filesystem::path& directory);

}  // namespace reformer
