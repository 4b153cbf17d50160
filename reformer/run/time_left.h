// How long a training still takes.
#pragma once

#include <cstdint>
#include <optional>

#include "reformer/train/run_config.h"

namespace reformer {

// What there is to do.
struct TrainingPlan {
  int64_t steps = 1;
  int64_t evaluate_every = 0;      // 0: at the end only
  double evaluation_in_steps = 0;  // expected cost of one, in training steps
};
TrainingPlan plan_of(const RunConfig& config);

// A step takes as long as those before, the recent ones counting more; an evaluation as well, and
// before the first one as long as its number of sequences lets expect. Times are seconds of a clock
// that never goes back.
class TimeLeft {
 public:
  // `first_step` steps were done before `now`.
  TimeLeft(const TrainingPlan& plan, int64_t first_step, double now);

  void step_done(int64_t step, double now);
  void evaluated(double took);

  // Nothing before the first step.
  std::optional<double> seconds() const;

 private:
  // Average in which the i-th value has weight i.
  struct Average {
    double value = 0;
    int64_t count = 0;
    void add(double x) { value += (x - value) * 2 / static_cast<double>(++count + 1); }
  };

  int64_t evaluations_left() const;

  TrainingPlan plan_;
  int64_t step_;
  double last_;           // when the last step was done
  double not_steps_ = 0;  // time since then that went to evaluations
  std::optional<double>
      first_;  // the first step prepares memory: it counts only while it is the only one
  Average step_time_, evaluation_time_;
};

}  // namespace reformer
