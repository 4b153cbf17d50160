// The time left is right within 20 % after a tenth of the run, also when steps grow slower, when
// evaluations are expensive, and before the first one was seen.
#include "reformer/run/time_left.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace reformer::test {
namespace {

using Seconds = std::function<double(int64_t)>;  // of the step with this number

// Left after a tenth of the steps, over what was really left.
double claim(const TrainingPlan& plan, const Seconds& step_seconds, double evaluation_seconds) {
  double now = 100;
  TimeLeft time_left(plan, 0, now);
  double claimed_at = 0, claimed = 0;
  for (int64_t step = 1; step <= plan.steps; ++step) {
    now += step_seconds(step);
    time_left.step_done(step, now);
    const bool due = plan.evaluate_every > 0 && step % plan.evaluate_every == 0;
    if (due || step == plan.steps) {
      now += evaluation_seconds;
      time_left.evaluated(evaluation_seconds);
    }
    if (step == plan.steps / 10) {
      claimed_at = now;
      claimed = time_left.seconds().value();
    }
  }
  return claimed / (now - claimed_at);
}

double even(int64_t) { return 0.1; }

TEST(TimeLeft, IsExactForEvenSteps) {
  EXPECT_NEAR(claim({1000, 0, 0}, even, 0), 1, 1e-9);
  EXPECT_NEAR(claim({1000, 50, 0}, even, 3), 1, 1e-9);
  EXPECT_NEAR(claim({1000, 30, 0}, even, 3), 1, 1e-9);  // and one at the end
}

// An evaluation takes as long as its number of sequences lets expect, and half as long or twice.
TEST(TimeLeft, IsRightWithin20PerCentBeforeTheFirstEvaluation) {
  const double expected = 27;  // in steps, as for 1280 sequences and a batch of 16
  for (const double factor : {0.5, 1.0, 2.0}) {
    const double ratio = claim({2000, 201, expected}, even, 0.1 * expected * factor);
    EXPECT_NEAR(ratio, 1, 0.2) << factor;
  }
}

TEST(TimeLeft, IsRightWithin20PerCentWhenStepsAreUneven) {
  const auto jitter = [](int64_t i) { return 0.1 * (1 + 0.5 * std::sin(static_cast<double>(i))); };
  EXPECT_NEAR(claim({500, 100, 5}, jitter, 0.5), 1, 0.2);
  const auto slow_start = [](int64_t i) { return i == 1 ? 5.0 : 0.1; };
  EXPECT_NEAR(claim({500, 100, 5}, slow_start, 0.5), 1, 0.2);
  // A machine that became a third faster in the middle of the first tenth.
  const auto relieved = [](int64_t i) { return i <= 25 ? 0.15 : 0.1; };
  EXPECT_NEAR(claim({500, 0, 0}, relieved, 0), 1, 0.2);
}

TEST(TimeLeft, KnowsNothingBeforeTheFirstStep) {
  TimeLeft time_left({10, 0, 0}, 0, 0);
  EXPECT_FALSE(time_left.seconds());
  time_left.step_done(1, 2);
  EXPECT_DOUBLE_EQ(time_left.seconds().value(), 18);
}

TEST(TimeLeft, CountsFromWhereARunIsResumed) {
  TimeLeft time_left({100, 0, 0}, 90, 0);
  for (int64_t step = 91; step <= 95; ++step) {
    time_left.step_done(step, static_cast<double>(step - 90));
  }
  EXPECT_DOUBLE_EQ(time_left.seconds().value(), 5);
}

}  // namespace
}  // namespace reformer::test
