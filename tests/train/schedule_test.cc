#include "reformer/train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace reformer {
namespace {

constexpr double kTiny = 1e-12;

TrainConfig run_of(ScheduleKind kind, int64_t steps, int64_t warmup_steps = 0) {
  TrainConfig config;
  config.steps = steps;
  config.optimizer.beta1 = 0.9;
  config.schedule.kind = kind;
  config.schedule.learning_rate = 2e-3;
  config.schedule.warmup_steps = warmup_steps;
  return config;
}

TEST(OneCycle, StartPeakMiddlesAndEnd) {
  const auto at = [](int64_t step) { return one_cycle(step, 1000, 0.25, 1e-3, 0.95, 0.85); };
  EXPECT_NEAR(at(0).learning_rate, 4e-5, kTiny);
  EXPECT_NEAR(at(0).beta1, 0.95, kTiny);
  EXPECT_NEAR(at(125).learning_rate, (4e-5 + 1e-3) / 2, kTiny);  // half of the rise
  EXPECT_NEAR(at(125).beta1, 0.90, kTiny);
  EXPECT_NEAR(at(250).learning_rate, 1e-3, kTiny);
  EXPECT_NEAR(at(250).beta1, 0.85, kTiny);
  EXPECT_NEAR(at(625).learning_rate, (1e-3 + 1e-8) / 2, kTiny);  // half of the fall
  EXPECT_NEAR(at(625).beta1, 0.90, kTiny);
  EXPECT_NEAR(at(1000).learning_rate, 1e-8, kTiny);
  EXPECT_NEAR(at(1000).beta1, 0.95, kTiny);
}

TEST(OneCycle, IsACosineBetween) {
  // A third of the rise: 1 - cos(60 degrees) = 1/2, halved: a quarter of the way.
  const StepRates rates = one_cycle(1, 12, 0.25, 1e-3, 0.95, 0.85);
  EXPECT_NEAR(rates.learning_rate, 4e-5 + (1e-3 - 4e-5) / 4, kTiny);
  EXPECT_NEAR(rates.beta1, 0.95 - 0.1 / 4, kTiny);
}

TEST(OneCycle, LastStepStopsShortOfTheEnd) {
  EXPECT_GT(one_cycle(999, 1000, 0.25, 1e-3, 0.95, 0.85).learning_rate, 1e-8);
  EXPECT_LT(one_cycle(999, 1000, 0.25, 1e-3, 0.95, 0.85).learning_rate, 2e-8);
}

TEST(OneCycle, RunsOfAnyLengthHaveFiniteRates) {
  for (const int64_t steps : {1, 2, 3, 4, 5}) {
    for (int64_t step = 0; step < steps; ++step) {
      const StepRates rates = one_cycle(step, steps, 0.25, 1e-3, 0.95, 0.85);
      EXPECT_GE(rates.learning_rate, 1e-8) << step << " of " << steps;
      EXPECT_LE(rates.learning_rate, 1e-3) << step << " of " << steps;
    }
  }
}

TEST(InverseSqrt, RisesToThePeakAndFalls) {
  EXPECT_NEAR(inverse_sqrt(0, 8000), 1 / (8000 * std::sqrt(8000.0)), kTiny);  // not zero
  EXPECT_NEAR(inverse_sqrt(3999, 8000), 0.5 / std::sqrt(8000.0), kTiny);
  EXPECT_NEAR(inverse_sqrt(7999, 8000), 0.011180339887498949, kTiny);
  EXPECT_NEAR(inverse_sqrt(31999, 8000), 0.011180339887498949 / 2, kTiny);
  EXPECT_NEAR(inverse_sqrt(0, 0), 1, kTiny);
  EXPECT_NEAR(inverse_sqrt(3, 0), 0.5, kTiny);
}

TEST(Warmup, IsALineThenOne) {
  EXPECT_NEAR(linear_warmup(0, 10), 0.1, kTiny);
  EXPECT_NEAR(linear_warmup(4, 10), 0.5, kTiny);
  EXPECT_NEAR(linear_warmup(9, 10), 1, kTiny);
  EXPECT_NEAR(linear_warmup(10, 10), 1, kTiny);
  EXPECT_NEAR(linear_warmup(0, 0), 1, kTiny);
}

TEST(Cosine, RisesThenFallsToItsFloor) {
  EXPECT_NEAR(warmup_cosine(4, 110, 10, 0.1), 0.5, kTiny);
  EXPECT_NEAR(warmup_cosine(10, 110, 10, 0.1), 1, kTiny);
  EXPECT_NEAR(warmup_cosine(60, 110, 10, 0.1), 0.55, kTiny);
  EXPECT_NEAR(warmup_cosine(110, 110, 10, 0.1), 0.1, kTiny);
  EXPECT_NEAR(warmup_cosine(10, 10, 10, 0.1), 0.1, kTiny);  // no room for a fall: no division by 0
}

TEST(RatesAt, OneCycleMovesBeta1AndTheOthersKeepIt) {
  TrainConfig config = run_of(ScheduleKind::one_cycle, 1000);
  config.optimizer.beta1 = 0.95;
  EXPECT_NEAR(rates_at(config, 250).beta1, 0.85, kTiny);
  EXPECT_NEAR(rates_at(config, 250).learning_rate, 2e-3, kTiny);
  config.schedule.cycle_peak = 0.5;
  config.schedule.cycle_beta1 = 0.8;
  EXPECT_NEAR(rates_at(config, 500).beta1, 0.8, kTiny);
  for (const ScheduleKind kind : {ScheduleKind::inverse_sqrt, ScheduleKind::constant,
                                  ScheduleKind::warmup, ScheduleKind::cosine}) {
    EXPECT_EQ(rates_at(run_of(kind, 1000), 250).beta1, 0.9);
  }
}

TEST(RatesAt, LearningRateScalesEverySchedule) {
  EXPECT_NEAR(rates_at(run_of(ScheduleKind::constant, 100), 7).learning_rate, 2e-3, kTiny);
  EXPECT_NEAR(rates_at(run_of(ScheduleKind::warmup, 100, 10), 4).learning_rate, 1e-3, kTiny);
  EXPECT_NEAR(rates_at(run_of(ScheduleKind::cosine, 110, 10), 60).learning_rate, 1e-3, kTiny);
  EXPECT_NEAR(rates_at(run_of(ScheduleKind::inverse_sqrt, 100, 4), 3).learning_rate, 1e-3, kTiny);
}

TEST(RatesAt, RefusesStepsBeforeTheRun) {
  EXPECT_THROW(rates_at(run_of(ScheduleKind::constant, 100), -1), std::logic_error);
}

}  // namespace
}  // namespace reformer
