// e^x as row_exp has it: without shift it is the vector function itself.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "reformer/math/rows.h"
#include "tests/math/compare.h"
#include "tests/math/kernel_test.h"
#include "tests/support/infinity.h"

namespace reformer {
namespace {

class Exp : public KernelTest {
 protected:
  static std::vector<float> of(std::vector<float> x) {
    row_exp(x.data(), 0, static_cast<int64_t>(x.size()));
    return x;
  }

  static void expect_accurate(const std::vector<float>& x) {
    const std::vector<float> e = of(x);
    expect_close(e.data(), static_cast<int64_t>(e.size()), [&](int64_t i) {
      const double value = std::exp(double{x[static_cast<size_t>(i)]});
      return Expected{value, kExpError * value};
    });
  }
};
REFORMER_FOR_EACH_TARGET(Exp);

TEST_P(Exp, AccurateOverTheWholeRange) {
  std::vector<float> x;
  const int kPoints = 500'000;
  for (int i = 0; i <= kPoints; ++i) x.push_back(-87.0F + 175.0F * static_cast<float>(i) / kPoints);
  expect_accurate(x);
}

TEST_P(Exp, AccurateNearZero) {
  std::vector<float> x;
  for (float magnitude = 1; magnitude > 1e-30F; magnitude *= 0.93F) {
    x.push_back(magnitude);
    x.push_back(-magnitude);
  }
  expect_accurate(x);
  EXPECT_EQ(of({0.0F, -0.0F}), (std::vector<float>{1, 1}));
}

// Where the exponent of the result steps, and at both ends.
TEST_P(Exp, AccurateAtTheSeams) {
  std::vector<float> x = {-87, 88};
  for (int n = -125; n <= 126; ++n) {
    auto seam = static_cast<float>((n + 0.5) * std::log(2.0));
    for (int i = 0; i < 20; ++i) seam = std::nextafter(seam, -kInfinity);
    for (int i = 0; i < 40; ++i, seam = std::nextafter(seam, kInfinity)) {
      if (seam >= -87 && seam <= 88) x.push_back(seam);
    }
  }
  expect_accurate(x);
}

TEST_P(Exp, ExactlyZeroBelowMinus87) {
  const std::vector<float> e = of({std::nextafter(-87.0F, -kInfinity), -88, -100, -104, -1e4F,
                                   -1e30F, -std::numeric_limits<float>::max(), -kInfinity});
  for (const float value : e) EXPECT_EQ(value, 0);
  EXPECT_GT(of({-87})[0], 0);
}

TEST_P(Exp, FiniteAbove88) {
  for (const float value : of({89, 1e4F, std::numeric_limits<float>::max(), kInfinity})) {
    EXPECT_TRUE(std::isfinite(value)) << value;
    EXPECT_GE(value, 1.6e38F);
  }
}

// A spoiled number must not vanish among good ones.
TEST_P(Exp, NanStaysNan) {
  for (int64_t n = 1; n <= 33; ++n) {
    std::vector<float> x(static_cast<size_t>(n));
    x.back() = std::nanf("");
    EXPECT_TRUE(std::isnan(row_exp(x.data(), 0, n))) << n;
    EXPECT_TRUE(std::isnan(x.back())) << n;
  }
}

}  // namespace
}  // namespace reformer
