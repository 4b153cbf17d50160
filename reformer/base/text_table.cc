#include "reformer/base/text_table.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace reformer {
namespace {

std::string escaped_pipes(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

}  // namespace

std::string text_table(const TableRows& rows, const std::vector<bool>& right) {
  std::vector<size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      const bool to_the_right = c < right.size() && right[c];
      line += to_the_right ? fmt::format("{:>{}}", row[c], widths[c])
                           : fmt::format("{:<{}}", row[c], widths[c]);
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string markdown_table(const TableRows& rows) {
  std::string out;
  for (size_t r = 0; r < rows.size(); ++r) {
    out += "|";
    for (const std::string& cell : rows[r]) out += fmt::format(" {} |", escaped_pipes(cell));
    out += "\n";
    if (r == 0)
      out += fmt::format("|{}\n", fmt::join(std::vector<std::string>(rows[0].size(), "---|"), ""));
  }
  return out;
}

}  // namespace reformer
