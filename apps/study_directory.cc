#include "apps/study_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include "reformer/base/error.h"
#include "reformer/experiment/study_runs.h"
#include "reformer/run/run_files.h"

namespace reformer::apps {

void require_room(int64_t first, int64_t seeds) {
  if (first > std::numeric_limits<int64_t>::max() - (seeds - 1)) {
    fail("--seed", "expected room for {} seeds below 2^63, found {}; try a smaller one", seeds,
         first);
  }
}

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
