#include "reformer/run/time_left.h"

namespace reformer {
namespace {

// A forward pass is one of the three products of a training step.
constexpr double kForwardShare = 1.0 / 3;

}  // namespace

TrainingPlan plan_of(const RunConfig& config) {
  return {config.train.steps, config.train.evaluate_every,
          kForwardShare * static_cast<double>(config.task.validation_rows) /
              static_cast<double>(config.train.batch)};
}

TimeLeft::TimeLeft(const TrainingPlan& plan, int64_t first_step, double now)
    : plan_(plan), step_(first_step), last_(now) {}

void TimeLeft::step_done(int64_t step, double now) {
  const double took = now - last_ - not_steps_;
  if (!first_) {
    first_ = took;
  } else {
    step_time_.add(took);
  }
  last_ = now;
  not_steps_ = 0;
  step_ = step;
}

void TimeLeft::evaluated(double took) {
  evaluation_time_.add(took);
  not_steps_ += took;
}

// Those at every multiple, and the one at the end.
int64_t TimeLeft::evaluations_left() const {
  if (plan_.evaluate_every == 0) return 1;
  const int64_t last_extra = plan_.steps % plan_.evaluate_every == 0 ? 0 : 1;
  return plan_.steps / plan_.evaluate_every + last_extra - step_ / plan_.evaluate_every;
}

std::optional<double> TimeLeft::seconds() const {
  if (!first_) return std::nullopt;
  const double step_time = step_time_.count > 0 ? step_time_.value : *first_;
  const double evaluation_time =
      evaluation_time_.count > 0 ? evaluation_time_.value : plan_.evaluation_in_steps * step_time;
  return static_cast<double>(plan_.steps - step_) * step_time +
         static_cast<double>(evaluations_left()) * evaluation_time;
}

}  // namespace reformer
