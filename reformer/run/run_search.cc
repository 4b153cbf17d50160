#include "reformer/run/run_search.h"

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/run/run_files.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 16;  // folders within folders

std::vector<fs::path> entries_of(const fs::path& directory) {
  std::vector<fs::path> entries;
  std::error_code code;
  for (fs::directory_iterator entry(directory, code), end; !code && entry != end;
       entry.increment(code)) {
    std::error_code ignored;
    const bool hidden = entry->path().filename().string().starts_with('.');
    if (!hidden && !entry->is_symlink(ignored)) entries.push_back(entry->path());
  }
  std::ranges::sort(entries);
  return entries;
}

void walk(const fs::path& directory, int depth, const VisitPath& on_run, const VisitPath& on_file) {
  if (is_run(directory)) {
    on_run(directory);
    return;
  }
  if (depth == kDeepest) return;
  for (const fs::path& entry : entries_of(directory)) {
    std::error_code ignored;
    if (fs::is_directory(entry, ignored)) {
      walk(entry, depth + 1, on_run, on_file);
    } else if (fs::is_regular_file(entry, ignored)) {
      on_file(entry);
    }
  }
}

}  // namespace

bool is_run(const fs::path& directory) {
  try {
    return holds_run({directory});
  } catch (const Error&) {
    return true;
  }
}

void walk_runs(const fs::path& directory, const VisitPath& on_run, const VisitPath& on_file) {
  walk(directory, 0, on_run, on_file);
}

std::vector<fs::path> find_runs(const fs::path& directory) {
  std::error_code code;
  const fs::directory_iterator readable(directory, code);
  if (code) {
    fail(directory.string(), "expected a directory of runs, found: {}; try the one that holds them",
         code.message());
  }
  std::vector<fs::path> runs;
  walk_runs(directory, [&](const fs::path& run) { runs.push_back(run); }, [](const fs::path&) {});
  return runs;
}

}  // namespace reformer
