#include "reformer/run/run_summary.h"

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/run/run_lock.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 16;  // folders within folders

bool may_hold_runs(const fs::directory_entry& entry) {
  std::error_code ignored;
  return entry.is_directory(ignored) && !entry.is_symlink(ignored) &&
         !entry.path().filename().string().starts_with('.');
}

// A folder `checkpoints` that cannot be read is of a run, whatever is in it.
bool is_run(const fs::path& directory) {
  try {
    return holds_run({directory});
  } catch (const Error&) {
    return true;
  }
}

void collect(const fs::path& directory, int depth, std::vector<fs::path>& runs) {
  if (is_run(directory)) {
    runs.push_back(directory);
    return;
  }
  if (depth == kDeepest) return;
  std::error_code code;
  for (fs::directory_iterator entry(directory, code), end; !code && entry != end;
       entry.increment(code)) {
    if (may_hold_runs(*entry)) collect(entry->path(), depth + 1, runs);
  }
}

std::optional<EvaluationRecord> best_of(const std::vector<EvaluationRecord>& evaluations) {
  std::optional<EvaluationRecord> best;
  for (const EvaluationRecord& e : evaluations) {
    if (!best || e.accuracy > best->accuracy) best = e;
  }
  return best;
}

}  // namespace

std::string RunSummary::status() const {
  if (state.status == RunStatus::running && !held) return "killed";
  return std::string(enum_name(state.status));
}

RunSummary summarise_run(const fs::path& directory) {
  const RunFiles files{directory};
  RunSummary summary;
  summary.path = directory;
  try {
    RunReader reader(files.database());
    summary.held = RunLock::holder_of(files.lock()).has_value();
    summary.state = reader.state();
    summary.last = reader.last_metrics();
    summary.best = best_of(reader.evaluations());
  } catch (const Error& error) {
    summary.error = error.what();
  }
  return summary;
}

std::vector<fs::path> find_runs(const fs::path& directory) {
  std::error_code code;
  const fs::directory_iterator readable(directory, code);
  if (code) {
    fail(directory.string(), "expected a directory of runs, found: {}; try the one that holds them",
         code.message());
  }
  std::vector<fs::path> runs;
  collect(directory, 0, runs);
  std::ranges::sort(runs);
  return runs;
}

}  // namespace reformer
