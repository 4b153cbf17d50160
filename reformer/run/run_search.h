// Which runs there are.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

namespace reformer {

// Whether the directory holds anything of a run. A folder `checkpoints` that cannot be read is of a
// run, whatever is in it.
bool is_run(const std::filesystem::path& directory);

// Calls `on_run` for each directory at and under `directory` that holds anything of a run, and
// `on_file` for each file outside of runs, in the order of their paths. Does not look into runs,
// behind symbolic links and into names that begin with a dot; leaves out folders that it may not
// read.
using VisitPath = std::function<void(const std::filesystem::path&)>;
void walk_runs(const std::filesystem::path& directory, const VisitPath& on_run,
               const VisitPath& on_file);

// The runs that walk_runs() comes to. Throws Error when `directory` itself is none or cannot be
// read.
std::vector<std::filesystem::path> find_runs(const std::filesystem::path& directory);

}  // namespace reformer
