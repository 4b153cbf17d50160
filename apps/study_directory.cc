#include "apps/study_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include "apps/wall_clock.h"
#include "reformer/base/error.h"
#include "reformer/experiment/study_runs.h"
#include "reformer/run/run_files.h"

namespace reformer::apps {
namespace {

std::filesystem::path not_a_run(const std::filesystem::path& path) {
  require_no_run(path);
  return path;
}

}  // namespace

void require_room(int64_t first, int64_t seeds) {
  if (first > std::numeric_limits<int64_t>::max() - (seeds - 1)) {
    fail("--seed", "expected room for {} seeds below 2^63, found {}; try a smaller one", seeds,
         first);
  }
}

StudyDirectory::StudyDirectory(const std::filesystem::path& path)
    : directory_(not_a_run(path)),
      lock_(directory_.path() / "lock", machine_clock().unix_seconds()) {}

bool StudyDirectory::holds_any(std::span<const SweepMember> members) const {
  return std::ranges::any_of(
      members, [&](const SweepMember& m) { return holds_run(RunFiles{path() / m.name}); });
}

int StudyDirectory::train(std::span<const SweepMember> members, SweepFlags& flags) const {
  require_same_program(members, path());
  int signal = 0;
  const auto outcomes = flags.train(members, path(), signal);
  if (signal == 0) {
    require_none_failed(members, outcomes);
  } else if (!flags.quiet() && !flags.json()) {
    fmt::print(stderr, "to go on: the same command again\n");
  }
  return signal;
}

}  // namespace reformer::apps
