// Tables as text for people.
#pragma once

#include <string>
#include <vector>

namespace reformer {

// The first row is the head; all rows are of its length.
using TableRows = std::vector<std::vector<std::string>>;

// Columns aligned for a terminal. Columns whose entry in `right` is true are aligned to the right.
std::string text_table(const TableRows& rows, const std::vector<bool>& right = {});

// The same table in Markdown.
std::string markdown_table(const TableRows& rows);

}  // namespace reformer
