#include "tests/house/source_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace reformer::house {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Names of the folders that lines of .gitignore end in ("build/", "web/node_modules/").
std::set<std::string> ignored_folders() {
  std::set<std::string> names{".git"};
  for (std::string line : split_lines(read_file(fs::path(REFORMER_SOURCE_DIR) / ".gitignore"))) {
    if (line.empty() || line.back() != '/') continue;
    line.pop_back();
    names.insert(line.substr(line.rfind('/') + 1));
  }
  return names;
}

bool ends_in_one_of(const std::string& name, const std::vector<std::string>& endings) {
  return endings.empty() || std::any_of(endings.begin(), endings.end(),
                                        [&](const auto& ending) { return name.ends_with(ending); });
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Length up to and including the first `mark` from `from` on; npos when there is none.
std::size_t through(std::string_view text, std::string_view mark, std::size_t from) {
  const std::size_t found = text.find(mark, from);
  return found == std::string_view::npos ? found : found + mark.size();
}

// Length of the comment or literal that starts at text[at]; 0 when that is code.
std::size_t not_code(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  const char before = at == 0 ? ' ' : text[at - 1];
  if (rest.starts_with("//")) return std::min(rest.find('\n'), rest.size());
  if (rest.starts_with("/*")) return std::min(through(rest, "*/", 2), rest.size());
  if (rest.starts_with("R\"") && !is_word(before)) {
    const std::string mark = ")" + std::string(rest.substr(2, rest.find('(') - 2)) + "\"";
    return std::min(through(rest, mark, 2), rest.size());
  }
  const char quote = rest.front();
  if (quote != '"' && (quote != '\'' || is_word(before))) return 0;  // 1'000 is a number
  std::size_t end = 1;
  while (end < rest.size() && rest[end] != quote && rest[end] != '\n') {
    end += rest[end] == '\\' ? 2 : 1;
  }
  return end + 1;
}

}  // namespace

std::vector<TextFile> read_tree(const std::string& folder,
                                const std::vector<std::string>& endings) {
  const fs::path root = REFORMER_SOURCE_DIR;
  const auto ignored = ignored_folders();
  std::vector<TextFile> files;
  if (!fs::is_directory(root / folder)) return files;
  for (fs::recursive_directory_iterator entry(root / folder), end; entry != end; ++entry) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory()) {
      if (ignored.contains(name)) entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && ends_in_one_of(name, endings)) {
      std::string text = read_file(entry->path());
      if (text.find('\0') != std::string::npos) continue;
      files.push_back({entry->path().lexically_relative(root).generic_string(), std::move(text)});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const TextFile& a, const TextFile& b) { return a.path < b.path; });
  return files;
}

std::vector<std::string> folders_in(const std::string& folder) {
  std::vector<std::string> names;
  const fs::path path = fs::path(REFORMER_SOURCE_DIR) / folder;
  if (!fs::is_directory(path)) return names;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string code_only(std::string_view text) {
  std::string code(text);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(at + not_code(text, at), text.size());
    std::replace_if(
        code.begin() + static_cast<std::ptrdiff_t>(at),
        code.begin() + static_cast<std::ptrdiff_t>(end), [](char c) { return c != '\n'; }, ' ');
    at = std::max(end, at + 1);
  }
  return code;
}

void report(const std::vector<Offence>& offences) {
  for (const auto& offence : offences) {
    ADD_FAILURE_AT(offence.path.c_str(), static_cast<int>(offence.line)) << offence.what;
  }
}

}  // namespace reformer::house
