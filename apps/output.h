// What the program prints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reformer::apps {

// Writes to the standard output at once. Throws Error when that fails (a full disk behind a pipe).
void print(std::string_view text);

// Columns aligned for a terminal, the first row being the head. Columns whose name in `right` is 1
// are aligned to the right.
using TableRows = std::vector<std::vector<std::string>>;
std::string text_table(const TableRows& rows, const std::vector<bool>& right = {});

// The same table in Markdown.
std::string markdown_table(const TableRows& rows);

// 3661.2 -> "1 h 01 min", 75.0 -> "1 min 15 s", 4.2 -> "4 s".
std::string duration_text(double seconds);

}  // namespace reformer::apps
