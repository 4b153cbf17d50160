// The discrepancy study as text for people and as files for programs.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "reformer/experiment/discrepancy.h"

namespace reformer {

// The findings, each with the numbers of every switch and what follows from them, then the smaller
// suspects. Columns are aligned for a terminal.
std::string discrepancy_text(const Discrepancy& study);

// The same in Markdown, with version, commit and machine.
std::string discrepancy_markdown(const Discrepancy& study);

// {"study": "discrepancy", "size", "version", "commit", "machine", "models": [...], "comparisons":
//  [...], "suspects": [...], "absent": [...]}; every cell as in to_json(Cell).
nlohmann::ordered_json discrepancy_json(const Discrepancy& study);

// Writes discrepancy.md and discrepancy.json to a directory, each in one step.
void write_discrepancy(const Discrepancy& study, const std::filesystem::path& directory);

}  // namespace reformer
