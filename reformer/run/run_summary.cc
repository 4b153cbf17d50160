#include "reformer/run/run_summary.h"

#include "reformer/base/error.h"
#include "reformer/run/run_lock.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

std::optional<EvaluationRecord> best_of(const std::vector<EvaluationRecord>& evaluations) {
  std::optional<EvaluationRecord> best;
  for (const EvaluationRecord& e : evaluations) {
    if (!best || e.accuracy > best->accuracy) best = e;
  }
  return best;
}

}  // namespace

std::string_view status_text(const RunState& state, bool held) {
  if (state.status == RunStatus::running && !held) return "killed";
  return enum_name(state.status);
}

std::string RunSummary::status() const { return std::string(status_text(state, held)); }

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

}  // namespace reformer
