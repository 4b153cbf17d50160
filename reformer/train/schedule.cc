#include "reformer/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "reformer/base/error.h"

namespace reformer {
namespace {

constexpr double kCycleStartDivisor = 25;
constexpr double kCycleEndDivisor = 1e5;

// From `start` at position 0 to `end` at 1, level at both.
double half_cosine(double position, double start, double end) {
  return start + (end - start) * (1 - std::cos(std::numbers::pi * position)) / 2;
}

}  // namespace

double cosine_arc(double position, double peak, double start, double middle, double end) {
  if (position < peak) return half_cosine(position / peak, start, middle);
  return half_cosine((position - peak) / (1 - peak), middle, end);
}

StepRates one_cycle(int64_t step, int64_t steps, double peak, double highest, double beta1_ends,
                    double beta1_peak) {
  const double position = std::min(1.0, static_cast<double>(step) / static_cast<double>(steps));
  return {
      cosine_arc(position, peak, highest / kCycleStartDivisor, highest, highest / kCycleEndDivisor),
      cosine_arc(position, peak, beta1_ends, beta1_peak, beta1_ends)};
}

double inverse_sqrt(int64_t step, int64_t warmup_steps) {
  const double s = static_cast<double>(step + 1);
  const double warmup = static_cast<double>(std::max<int64_t>(1, warmup_steps));
  return std::min(1.0, s / warmup) / std::sqrt(std::max(s, warmup));
}

double linear_warmup(int64_t step, int64_t warmup_steps) {
  if (step >= warmup_steps) return 1;
  return static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
}

double warmup_cosine(int64_t step, int64_t steps, int64_t warmup_steps, double final_fraction) {
  if (step < warmup_steps) return linear_warmup(step, warmup_steps);
  if (step >= steps) return final_fraction;
  const double position =
      static_cast<double>(step - warmup_steps) / static_cast<double>(steps - warmup_steps);
  return half_cosine(position, 1, final_fraction);
}

StepRates rates_at(const TrainConfig& config, int64_t step) {
  REFORMER_CHECK(step >= 0 && config.steps >= 1);
  const ScheduleConfig& schedule = config.schedule;
  const double beta1 = config.optimizer.beta1;
  const double rate = schedule.learning_rate;
  const int64_t warmup_steps = schedule.warmup_steps;
  switch (schedule.kind) {
    case ScheduleKind::one_cycle:
      return one_cycle(step, config.steps, schedule.cycle_peak, rate, beta1, schedule.cycle_beta1);
    case ScheduleKind::inverse_sqrt:
      return {rate * inverse_sqrt(step, warmup_steps), beta1};
    case ScheduleKind::constant:
      return {rate, beta1};
    case ScheduleKind::warmup:
      return {rate * linear_warmup(step, warmup_steps), beta1};
    case ScheduleKind::cosine:
      return {rate * warmup_cosine(step, config.steps, warmup_steps, schedule.final_fraction),
              beta1};
  }
  REFORMER_CHECK(false);
  return {};
}

}  // namespace reformer
