// Shows how a training goes: one live line on a terminal, a plain line now and then elsewhere.
#pragma once

#include <chrono>
#include <string>

#include "apps/live_line.h"
#include "reformer/train/trainer.h"

namespace reformer::apps {

struct ProgressOptions {
  bool quiet = false;
  int64_t log_every = 0;  // steps between lines that stay; 0: every few seconds, unless watched
};

class TrainingProgress {
 public:
  TrainingProgress(std::string name, int64_t steps, ProgressOptions options);

  void step_done(const StepReport& report);

  // A line that stays, unless quiet.
  void note(std::string_view line);

  void clear() { line_.clear(); }
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  std::string text(const StepReport& report) const;

  std::string name_;
  int64_t steps_;
  ProgressOptions options_;
  LiveLine line_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_shown_;  // long ago: the first step shows at once
  Clock::time_point last_written_ = start_;
};

}  // namespace reformer::apps
