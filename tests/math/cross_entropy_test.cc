#include "reformer/math/cross_entropy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "tests/math/central_difference.h"
#include "tests/math/compare.h"
#include "tests/math/guarded.h"
#include "tests/math/kernel_test.h"
#include "tests/support/infinity.h"

namespace reformer {
namespace {

double reference_loss(const std::vector<double>& logits, int64_t target) {
  const double most = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const double x : logits) sum += std::exp(x - most);
  return std::log(sum) + most - logits[static_cast<size_t>(target)];
}

// Relative error of a sum of n exponentials whose arguments were rounded once, at this size.
double relative_error(int64_t n, double range) {
  return kExpError + (static_cast<double>(n + 4) + range) * kRounding;
}

class CrossEntropy : public KernelTest {};
REFORMER_FOR_EACH_TARGET(CrossEntropy);

TEST_P(CrossEntropy, LossAndItsDerivative) {
  const float scale = 0.125F;
  for (const int64_t n : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 127, 128, 129}) {
    for (const float spread : {0.1F, 5.0F, 30.0F}) {
      for (const int64_t target : {int64_t{0}, n / 2, n - 1}) {
        SCOPED_TRACE(testing::Message() << "n " << n << " spread " << spread << " of " << target);
        Guarded logits = guarded_row(n, n % 5).randomise(static_cast<uint64_t>(n), -spread, spread);
        std::vector<double> x(logits.data(), logits.data() + n);
        const double relative = relative_error(n, 2 * spread);
        const bool correct = std::max_element(x.begin(), x.end()) == x.begin() + target;

        const RowLoss got = cross_entropy(logits.data(), n, target, scale);
        expect_close(got.loss, {reference_loss(x, target), relative});
        EXPECT_EQ(got.correct, correct);
        expect_close(logits.data(), n, [&](int64_t i) {
          double& moved = x[static_cast<size_t>(i)];
          const double slope =
              central_difference([&] { return reference_loss(x, target); }, moved, 1e-3);
          const double p = slope + (i == target ? 1 : 0);
          const double size = std::abs(p) + (i == target ? 1 : 0);
          return Expected{scale * slope, scale * (relative * size + 1e-11 * (1 + spread))};
        });
        if (HasFailure()) return;
      }
    }
  }
}

TEST_P(CrossEntropy, TheFirstOfEqualLogitsIsTheAnswer) {
  for (int64_t target = 0; target < 4; ++target) {
    std::vector<float> logits = {1, 2, 2, -1};
    EXPECT_EQ(cross_entropy(logits.data(), 4, target, 1).correct, target == 1) << target;
  }
  std::vector<float> equal(40);
  EXPECT_TRUE(cross_entropy(equal.data(), 40, 0, 1).correct);
  equal.assign(40, 0.0F);
  EXPECT_FALSE(cross_entropy(equal.data(), 40, 39, 1).correct);
}

TEST_P(CrossEntropy, LargeLogitsNeitherOverflowNorLosePlaces) {
  std::vector<float> logits = {1000, 1001, -1000, -kInfinity};
  const RowLoss got = cross_entropy(logits.data(), 4, 0, 1);
  expect_close(got.loss, {std::log1p(std::exp(1.0)), relative_error(4, 1)});
  const double p = 1 / (1 + std::exp(1.0));
  expect_close(logits[0], {p - 1, relative_error(4, 1)});
  expect_close(logits[1], {1 - p, relative_error(4, 1)});
  EXPECT_EQ(logits[2], 0);
  EXPECT_EQ(logits[3], 0);
}

TEST_P(CrossEntropy, NoScaleNoGradient) {
  std::vector<float> logits = {1, 2, 3};
  expect_close(cross_entropy(logits.data(), 3, 1, 0).loss,
               {reference_loss({1, 2, 3}, 1), relative_error(3, 2)});
  for (const float x : logits) EXPECT_EQ(x, 0);
}

// A model that has diverged must show, wherever its first NaN is.
TEST_P(CrossEntropy, NanAnywhereMakesTheLossNan) {
  for (const int64_t n : {3, 8, 37}) {
    for (int64_t at = 0; at < n; ++at) {
      std::vector<float> logits(static_cast<size_t>(n), 1.0F);
      logits[static_cast<size_t>(at)] = std::nanf("");
      EXPECT_TRUE(std::isnan(cross_entropy(logits.data(), n, 1, 1).loss)) << at << " of " << n;
    }
  }
}

TEST(CrossEntropyTarget, OutsideTheRowIsALogicError) {
  std::vector<float> logits = {1, 2, 3};
  EXPECT_THROW(cross_entropy(logits.data(), 3, 3, 1), std::logic_error);
  EXPECT_THROW(cross_entropy(logits.data(), 3, -1, 1), std::logic_error);
  EXPECT_EQ(logits, (std::vector<float>{1, 2, 3}));
}

}  // namespace
}  // namespace reformer
