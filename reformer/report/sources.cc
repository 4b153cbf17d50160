#include "reformer/report/sources.h"

#include <algorithm>
#include <set>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/run/run_files.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 16;  // folders within folders

// A folder `checkpoints` that cannot be read is of a run, whatever is in it.
bool is_run(const fs::path& directory) {
  try {
    return holds_run({directory});
  } catch (const Error&) {
    return true;
  }
}

class Search {
 public:
  void directory(const fs::path& path, const std::string& name, int depth) {
    if (is_run(path)) {
      if (is_new(path)) found.runs.push_back({name, path});
      return;
    }
    if (depth == kDeepest) return;
    for (const fs::path& entry : entries(path)) {
      std::error_code ignored;
      const std::string leaf = entry.filename().string();
      if (leaf.starts_with('.') || fs::is_symlink(entry, ignored)) continue;
      std::string entry_name = name;
      if (!name.empty()) entry_name += '/';
      entry_name += leaf;
      if (fs::is_directory(entry, ignored)) {
        directory(entry, entry_name, depth + 1);
      } else if (entry.extension() == ".json") {
        file(entry, entry_name);
      }
    }
  }

  void file(const fs::path& path, const std::string& name) {
    if (is_new(path)) found.results.push_back({name, path});
  }

  ReportSources found;

 private:
  bool is_new(const fs::path& path) {
    std::error_code code;
    const fs::path whole = fs::weakly_canonical(path, code);
    return seen_.insert(code ? path : whole).second;
  }

  static std::vector<fs::path> entries(const fs::path& path) {
    std::vector<fs::path> out;
    std::error_code code;
    for (fs::directory_iterator entry(path, code), end; !code && entry != end;
         entry.increment(code)) {
      out.push_back(entry->path());
    }
    std::ranges::sort(out);
    return out;
  }

  std::set<fs::path> seen_;
};

// "runs" of "../somewhere/runs/".
std::string leaf_of(const fs::path& path) {
  std::error_code ignored;
  const fs::path whole = fs::absolute(path, ignored).lexically_normal();
  return whole.has_filename() ? whole.filename().string() : whole.parent_path().filename().string();
}

}  // namespace

ReportSources find_report_sources(const std::vector<fs::path>& paths) {
  Search search;
  for (const fs::path& path : paths) {
    std::error_code code;
    if (fs::is_regular_file(path, code)) {
      search.file(path, leaf_of(path));
      continue;
    }
    const fs::directory_iterator readable(path, code);
    if (code) {
      fail(quote_text(path.string()),
           "expected a directory of runs or results, found: {}; try the one that holds them",
           code.message());
    }
    const bool alone = paths.size() == 1 && !is_run(path);
    search.directory(path, alone ? "" : leaf_of(path), 0);
  }
  return std::move(search.found);
}

}  // namespace reformer
