// Shows how the runs of a sweep go: a live line for all and one for each on a terminal, else a
// plain line for each run that begins and ends and now and then for all, or JSON for programs.
// Stops them by signals.
#pragma once

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "apps/interrupt.h"
#include "apps/live_line.h"
#include "apps/loss_bar.h"
#include "apps/training_progress.h"
#include "reformer/experiment/sweep_runner.h"
#include "reformer/run/time_left.h"

namespace reformer::apps {

class SweepProgress final : public SweepObserver {
 public:
  SweepProgress(std::span<const SweepMember> members, ProgressOptions options,
                const InterruptGuard& interrupt);

  void member_begins(size_t member, int64_t attempt, int64_t step) override;
  void step_done(size_t member, const StepReport& report) override;
  void member_ends(size_t member, const MemberOutcome& outcome) override;
  std::string stop_reason() override { return interrupt_.reason(); }

  void clear() { line_.clear(); }

 private:
  using Clock = std::chrono::steady_clock;

  // A run that is being trained.
  struct Running {
    StepReport report;
    LossBar bar;
    TimeLeft time_left;
  };

  double seconds() const;

  int64_t steps_done() const;
  double seconds_left(double steps_per_second) const;
  std::string overview() const;
  std::vector<LiveLine::Line> lines() const;
  void write(size_t member, std::string_view kind, std::string_view text);

  std::span<const SweepMember> members_;
  ProgressOptions options_;
  const InterruptGuard& interrupt_;
  LiveLine line_;
  std::map<size_t, Running> running_;
  int64_t steps_ = 0;      // of all members together
  int64_t over_ = 0;       // of these, those of members that ended
  int64_t done_here_ = 0;  // by this process
  int64_t ended_ = 0, failed_ = 0;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_shown_, last_written_ = start_;
};

}  // namespace reformer::apps
