#include "apps/sweep_flags.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/interrupt.h"
#include "apps/output.h"
#include "apps/runs_directory.h"
#include "apps/sweep_progress.h"
#include "apps/wall_clock.h"
#include "reformer/base/error.h"
#include "reformer/base/threads.h"
#include "reformer/experiment/sweep_report.h"

namespace reformer::apps {

void require_none_failed(std::span<const SweepMember> members,
                         std::span<const MemberOutcome> outcomes) {
  const auto failed = std::ranges::count(outcomes, MemberStatus::failed, &MemberOutcome::status);
  if (failed == 0) return;
  const auto first = std::ranges::find(outcomes, MemberStatus::failed, &MemberOutcome::status);
  fail("sweep",
       "expected every run to finish, found {} of {} that failed, the first {}: {}; try the same "
       "command again when that is mended",
       failed, members.size(), members[static_cast<size_t>(first - outcomes.begin())].name,
       first->error);
}

SweepFlags::SweepFlags(CLI::App& command) {
  const std::string group = "Sweep";
  flags_.add(command, settings_of(values_), group);
  command.add_flag("--quiet", quiet_, "show no progress")->group(group);
  command.add_flag("--json", json_, "print progress and result as JSON")->group(group);
}

void SweepFlags::read(bool in_runs) {
  flags_.write_given(settings_of(values_));
  if (in_runs) return;
  for (const std::string name : {"jobs", "retries"}) {
    if (!flags_.given(name)) continue;
    fail(flag_name(name),
         "expected models that are trained in runs of their own, found none; try --out DIR, or "
         "leave it out");
  }
}

std::vector<MemberOutcome> SweepFlags::train(std::span<const SweepMember> members,
                                             const std::filesystem::path& directory, int& signal) {
  const InterruptGuard interrupt;
  SweepProgress progress(members, progress_options(), interrupt);
  const SweepOptions options{jobs_for(members.size()), threads_of_each(members.size()),
                             values_.retries};
  std::vector<MemberOutcome> outcomes =
      run_members(members, directory, options, machine_clock(), progress);
  progress.clear();
  signal = interrupt.signal();
  return outcomes;
}

int64_t SweepFlags::jobs_for(size_t members) const {
  return std::min(values_.jobs, static_cast<int64_t>(members));
}

int SweepFlags::threads_of_each(size_t members) const {
  if (values_.threads > 0) return static_cast<int>(values_.threads);
  const auto jobs = static_cast<int>(std::max<int64_t>(1, jobs_for(members)));
  return std::max(1, hardware_threads() / jobs);
}

int SweepFlags::run(const Sweep& sweep, const std::string& path) {
  read();
  const std::vector<SweepMember> members = members_of(sweep);
  const RunsDirectory directory(path);
  claim_sweep(directory.path(), sweep);
  int signal = 0;
  const std::vector<MemberOutcome> outcomes = train(members, directory.path(), signal);
  print(json_ ? sweep_json(sweep, members, outcomes).dump(2) + "\n"
              : sweep_text(members, outcomes));
  if (signal != 0) {
    if (!json_) print(fmt::format("to go on: reformer sweep --resume {}\n", path));
    return 128 + signal;
  }
  require_none_failed(members, outcomes);
  return 0;
}

}  // namespace reformer::apps
