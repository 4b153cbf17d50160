// Deleting a run, and nothing else.
#pragma once

#include <filesystem>
#include <vector>

namespace reformer {

// Throws Error unless `directory` is one of a run, by its database or its configuration: names
// alone do not tell, others have a config.json too. A symbolic link is refused as well.
void require_run(const std::filesystem::path& directory);

// Deletes the files of a run and, where nothing else is in it, the directory. Returns what stays.
// Throws Error when it is no run, or another process trains it.
std::vector<std::filesystem::path> delete_run(const std::filesystem::path& directory,
                                              double unix_seconds);

}  // namespace reformer
