#include "reformer/report/sources.h"

#include <set>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/run/exported_run.h"
#include "reformer/run/run_search.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

class Search {
 public:
  // `name` is what the report calls the directory; "" where it needs no name.
  void directory(const fs::path& path, const std::string& name) {
    const auto name_of = [&](const fs::path& found_at) {
      if (found_at == path) return name;
      const std::string below = found_at.lexically_relative(path).generic_string();
      return name.empty() ? below : fmt::format("{}/{}", name, below);
    };
    walk_runs(
        path,
        [&](const fs::path& run) {
          if (is_new(run)) found.runs.push_back({unique(name_of(run)), run});
        },
        [&](const fs::path& other) {
          if (other.extension() == ".json") file(other, name_of(other));
        });
  }

  void file(const fs::path& path, const std::string& name) {
    if (!is_new(path)) return;
    if (is_exported_run(path)) {
      found.runs.push_back({unique(run_name_of(name)), path});
    } else {
      found.results.push_back({name, path});
    }
  }

  ReportSources found;

 private:
  bool is_new(const fs::path& path) {
    std::error_code code;
    const fs::path whole = fs::weakly_canonical(path, code);
    return seen_.insert(code ? path : whole).second;
  }

  // Directories may be called alike; pages and tables know runs by their names.
  std::string unique(const std::string& name) {
    std::string candidate = name;
    for (int i = 2; !names_.insert(candidate).second; ++i) {
      candidate = fmt::format("{} ({})", name, i);
    }
    return candidate;
  }

  // "curves/lsh-4" of "curves/lsh-4.run.json".
  static std::string run_name_of(const std::string& file) {
    return fs::path(file).replace_extension().replace_extension().generic_string();
  }

  std::set<fs::path> seen_;
  std::set<std::string> names_;
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
    search.directory(path, alone ? "" : leaf_of(path));
  }
  return std::move(search.found);
}

}  // namespace reformer
