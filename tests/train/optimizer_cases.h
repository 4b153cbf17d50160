// What the optimiser tests share: a small set of parameters that reaches every branch, and steps
// with a new gradient and new rates each time.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "reformer/base/random.h"
#include "reformer/train/optimizer.h"

namespace reformer::testing {

// Vectors and matrices, decaying and not, one of rank 3, and two that need more than one block.
inline ParameterLayout small_layout() {
  const bool spared = false;
  return ParameterLayout({{"matrix", {5, 7}},
                          {"bias", {7}, 0, 0, spared},
                          {"cube", {2, 3, 4}},
                          {"norm", {3}, 0, 0, spared},
                          {"vector", {6}},
                          {"tall", {500, 30}},
                          {"long", {9001}},
                          {"wide", {2, 9001}}});
}

inline ParameterLayout one_parameter(std::vector<int64_t> shape, bool decays = true) {
  return ParameterLayout({{"only", std::move(shape), 0, 0, decays}});
}

inline std::vector<float> normal_values(int64_t size, uint64_t step) {
  std::vector<float> values(static_cast<size_t>(size));
  RandomStream({.seed = 7, .purpose = Purpose::test, .step = step}).fill_normal(values);
  return values;
}

// Gradients of very different sizes, since the moments are there to even them out.
inline std::vector<float> gradients_of_step(int64_t size, int64_t step) {
  std::vector<float> values = normal_values(size, 1 + static_cast<uint64_t>(step));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] *= std::pow(10.0f, static_cast<float>(i % 7) - 4) * static_cast<float>(step + 1);
  }
  return values;
}

inline StepRates rates_of_step(int64_t step) {
  return {0.01 / static_cast<double>(step + 1), 0.95 - 0.02 * static_cast<double>(step)};
}

inline constexpr OptimizerKind kAllKinds[] = {OptimizerKind::fastai_adam, OptimizerKind::adamw,
                                              OptimizerKind::adafactor};

// Every float operation of a step rounds once, relative to the parameter or to the step taken;
// an Adam or Adafactor step has fewer than 16 of them.
inline void expect_near(const std::vector<float>& found, const std::vector<double>& expected,
                        int64_t steps, double largest_step) {
  ASSERT_EQ(found.size(), expected.size());
  const double unit = 16 * static_cast<double>(steps) * std::numeric_limits<float>::epsilon();
  int64_t wrong = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    // Negated, so that a NaN is wrong too.
    if (!(std::abs(found[i] - expected[i]) <= unit * (std::abs(expected[i]) + largest_step))) {
      if (++wrong > 10) continue;
      ADD_FAILURE() << "at " << i << ": " << found[i] << " for " << expected[i];
    }
  }
  EXPECT_EQ(wrong, 0) << "elements are wrong";
}

}  // namespace reformer::testing
