#include "reformer/model/sampling.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "reformer/base/error.h"

namespace reformer::test {
namespace {

const std::array<float, 4> kLogits = {1, 3, 2, 3};

TEST(ChooseToken, OfTemperatureZeroIsTheFirstOfTheLikeliest) {
  for (const double uniform : {0.0, 0.5, 0.999}) {
    EXPECT_EQ(choose_token(kLogits, {}, uniform), 1);
    EXPECT_EQ(choose_token(kLogits, {.temperature = 5, .top_k = 1}, uniform), 1);
  }
}

// How often each token is chosen, on an even grid over [0, 1).
std::array<double, 4> parts_of(const SamplingSettings& settings) {
  constexpr int kSteps = 20000;
  std::array<double, 4> parts{};
  for (int i = 0; i < kSteps; ++i) {
    const int32_t token = choose_token(kLogits, settings, (i + 0.5) / kSteps);
    parts[static_cast<size_t>(token)] += 1.0 / kSteps;
  }
  return parts;
}

TEST(ChooseToken, FollowsTheSoftmax) {
  for (const double temperature : {0.5, 1.0, 4.0}) {
    double sum = 0;
    for (const float logit : kLogits) sum += std::exp(logit / temperature);
    const auto parts = parts_of({.temperature = temperature});
    // A grid misses each end of a part by one step at most.
    for (size_t i = 0; i < parts.size(); ++i) {
      EXPECT_NEAR(parts[i], std::exp(kLogits[i] / temperature) / sum, 1.01e-4) << i;
    }
  }
}

TEST(ChooseToken, LeavesOutAllButTheLikeliest) {
  const auto two = parts_of({.temperature = 1, .top_k = 2});
  EXPECT_NEAR(two[1], 0.5, 1e-9);
  EXPECT_NEAR(two[3], 0.5, 1e-9);
  const auto three = parts_of({.temperature = 1, .top_k = 3});
  EXPECT_EQ(three[0], 0);
  EXPECT_GT(three[2], 0);
  EXPECT_EQ(parts_of({.temperature = 1, .top_k = 9}), parts_of({.temperature = 1}));
}

TEST(ChooseToken, SurvivesTheSmallestTemperature) {
  const double tiny = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(choose_token(kLogits, {.temperature = tiny}, 0.25), 1);
  EXPECT_EQ(choose_token(kLogits, {.temperature = tiny}, 0.75), 3);
}

TEST(ChooseToken, RefusesWhatIsNotFinite) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    EXPECT_THROW(choose_token(std::array{0.0F, bad}, {}, 0), Error);
  }
}

}  // namespace
}  // namespace reformer::test
