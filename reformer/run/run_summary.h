// What there is to say about a run in one row.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "reformer/run/run_files.h"
#include "reformer/run/run_reader.h"

namespace reformer {

// The status, and "killed" where `running` is not true: no process holds the run's lock.
std::string_view status_text(const RunState& state, bool held);

struct RunSummary {
  std::filesystem::path path;
  std::string error;  // why the run cannot be read; nothing below is known then
  RunState state;
  bool held = false;  // a process trains it now
  std::optional<StepMetrics> last;
  std::optional<EvaluationRecord> best;  // highest accuracy, the first one of these

  std::string status() const;  // see status_text()
};

// Never throws Error: what goes wrong is its `error`.
RunSummary summarise_run(const std::filesystem::path& directory);

}  // namespace reformer
