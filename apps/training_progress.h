// Shows how a training goes: one live line on a terminal, a plain line now and then elsewhere, or
// JSON for programs.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "apps/live_line.h"
#include "apps/loss_bar.h"
#include "reformer/run/time_left.h"
#include "reformer/train/trainer.h"

namespace reformer::apps {

struct ProgressOptions {
  bool quiet = false;
  bool json = false;       // lines are JSON objects, and there is no live one
  int64_t log_every = 0;   // steps between lines that stay; 0: by time, unless watched
  double log_seconds = 5;  // between lines where nobody watches
};

class TrainingProgress {
 public:
  // `first_step` steps were done before.
  TrainingProgress(std::string name, const TrainingPlan& plan, ProgressOptions options,
                   int64_t first_step = 0);

  void step_done(const StepReport& report);
  void evaluated(int64_t step, const BatchLoss& loss, double took_seconds);

  // A line that stays, unless quiet. `kind` is for programs.
  void note(std::string_view line, std::string_view kind = "note");

  void clear() { line_.clear(); }
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  std::string numbers_text(const StepReport& report) const;
  std::string json_text(const StepReport& report) const;

  std::string name_;
  int64_t steps_, first_step_;
  ProgressOptions options_;
  LiveLine line_;
  LossBar bar_;
  Clock::time_point start_ = Clock::now();
  TimeLeft time_left_;
  Clock::time_point last_shown_;  // long ago: the first step shows at once
  Clock::time_point last_written_ = start_;
};

// "accuracy 12.50 %  loss 4.1234", and lost pairs where there are any.
std::string loss_text(const BatchLoss& loss);

}  // namespace reformer::apps
