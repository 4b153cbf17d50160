#include "reformer/train/clip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "reformer/train/blocks.h"
#include "tests/train/optimizer_cases.h"

namespace reformer::testing {
namespace {

TEST(Clip, NormByHand) {
  ThreadPool pool(1);
  const std::vector<float> values = {3, 0, -4};
  EXPECT_EQ(gradient_norm(values, pool), 5);
  EXPECT_EQ(gradient_norm({}, pool), 0);
}

TEST(Clip, ScalesOnlyWhatIsTooLong) {
  ThreadPool pool(1);
  std::vector<float> values = {3, 0, -4};
  EXPECT_EQ(clip_gradients(values, 5, pool), 5);
  EXPECT_EQ(clip_gradients(values, 10, pool), 5);
  EXPECT_EQ(clip_gradients(values, 0, pool), 5);
  EXPECT_EQ(values, (std::vector<float>{3, 0, -4}));
  EXPECT_EQ(clip_gradients(values, 1, pool), 5);
  EXPECT_FLOAT_EQ(values[0], 0.6f);
  EXPECT_FLOAT_EQ(values[2], -0.8f);
}

TEST(Clip, ReachesEveryBlockAndRemainder) {
  ThreadPool pool(2);
  std::vector<float> values(2 * kBlockSize + 5, 1);
  const double norm = std::sqrt(static_cast<double>(values.size()));
  EXPECT_DOUBLE_EQ(clip_gradients(values, norm / 2, pool), norm);
  for (const float value : values) ASSERT_EQ(value, 0.5f);
}

TEST(Clip, LargeValuesDoNotOverflow) {
  ThreadPool pool(1);
  const std::vector<float> values(4, 1e30f);
  EXPECT_NEAR(gradient_norm(values, pool), 2e30, 1e24);
}

TEST(Clip, LeavesGradientsThatAreNotFinite) {
  ThreadPool pool(1);
  for (const float bad :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    std::vector<float> values = {1, bad};
    EXPECT_FALSE(std::isfinite(clip_gradients(values, 0.5, pool)));
    EXPECT_EQ(values[0], 1);
  }
}

TEST(Clip, GivesTheSameBitsForAnyNumberOfThreads) {
  const std::vector<float> values = normal_values(5 * kBlockSize + 123, 3);
  ThreadPool one(1), two(2), three(3);
  const double norm = gradient_norm(values, one);
  EXPECT_EQ(gradient_norm(values, two), norm);
  EXPECT_EQ(gradient_norm(values, three), norm);
}

TEST(Clip, LanesCoverEveryLength) {
  for (int64_t n = 0; n < 20; ++n) {
    EXPECT_EQ(lane_sum(n, [](int64_t i) { return static_cast<double>(i + 1); }),
              static_cast<double>(n * (n + 1) / 2));
  }
}

}  // namespace
}  // namespace reformer::testing
