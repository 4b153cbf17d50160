// What there is to say about a run in one row, and which runs there are.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reformer/run/run_files.h"
#include "reformer/run/run_reader.h"

namespace reformer {

struct RunSummary {
  std::filesystem::path path;
  std::string error;  // why the run cannot be read; nothing below is known then
  RunState state;
  bool held = false;  // a process trains it now
  std::optional<StepMetrics> last;
  std::optional<EvaluationRecord> best;  // highest accuracy, the first one of these

  // The status, and "killed" where `running` is not true.
  std::string status() const;
};

// Never throws Error: what goes wrong is its `error`.
RunSummary summarise_run(const std::filesystem::path& directory);

// The directories at and under `directory` that hold anything of a run, sorted. Does not look into
// runs, behind symbolic links and into names that begin with a dot; leaves out folders that it may
// not read. Throws Error when `directory` itself is none or cannot be read.
std::vector<std::filesystem::path> find_runs(const std::filesystem::path& directory);

}  // namespace reformer
