#include "apps/runs_directory.h"

#include "apps/wall_clock.h"
#include "reformer/run/run_files.h"

namespace reformer::apps {
namespace {

std::filesystem::path not_a_run(const std::filesystem::path& path) {
  require_no_run(path);
  return path;
}

}  // namespace

RunsDirectory::RunsDirectory(const std::filesystem::path& path)
    : directory_(not_a_run(path)),
      lock_(directory_.path() / "lock", machine_clock().unix_seconds()) {}

}  // namespace reformer::apps
