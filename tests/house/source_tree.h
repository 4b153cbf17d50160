#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reformer::house {

// One text file of the project; `path` is relative to the project's root.
struct TextFile {
  std::string path;
  std::string text;
};

// A place where a house rule is broken.
struct Offence {
  std::string path;
  std::size_t line = 0;  // counted from 1
  std::string what;
};

// Text files under `folder` ("" is the whole project) whose names end in one of `endings` (none:
// all), sorted by path. Folders that .gitignore names, .git, and files with a NUL byte are left
// out. A missing folder is empty.
std::vector<TextFile> read_tree(const std::string& folder, const std::vector<std::string>& endings);

// Names of the folders directly in `folder`, sorted.
std::vector<std::string> folders_in(const std::string& folder);

std::vector<std::string> split_lines(std::string_view text);

// C++ text with comments and the contents of literals replaced by blanks; line numbers stay.
std::string code_only(std::string_view text);

// One test failure for each offence, shown as path:line.
void report(const std::vector<Offence>& offences);

}  // namespace reformer::house
