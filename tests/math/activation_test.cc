#include "reformer/math/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "tests/math/central_difference.h"
#include "tests/math/compare.h"
#include "tests/math/guarded.h"
#include "tests/math/kernel_test.h"
#include "tests/support/infinity.h"

namespace reformer {
namespace {

double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double normal_density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi); }
double gelu(double x) { return x * normal_distribution(x); }

class Activation : public KernelTest {
 protected:
  // Calls test(x, dy) for rows of all lengths, until one fails.
  template <class Test>
  static void for_each_row(const Test& test) {
    for (int64_t n = 0; n <= 70; ++n) {
      SCOPED_TRACE(testing::Message() << "n " << n);
      Guarded x = guarded_row(n, n % 5).randomise(static_cast<uint64_t>(n), -7, 7);
      if (n > 3) x[3] = 0;
      test(x, guarded_row(n, n % 3).randomise(1000 + static_cast<uint64_t>(n)));
      if (HasFailure()) return;
    }
  }
};
REFORMER_FOR_EACH_TARGET(Activation);

// The error of Phi is half that of erf and two roundings; the product rounds once more.
Expected expected_gelu(float x) {
  return {gelu(x), std::abs(x) * (0.5 * kErfError + 3 * kRounding * normal_distribution(x))};
}

TEST_P(Activation, GeluForward) {
  for_each_row([](const Guarded& x, const Guarded&) {
    const int64_t n = x.view().cols;
    Guarded y = guarded_row(n, 2);
    gelu_forward(x.data(), y.data(), n);
    expect_close(y.data(), n, [&](int64_t i) { return expected_gelu(x[i]); });
  });
}

TEST_P(Activation, GeluForwardOverALongRow) {
  const int64_t n = 100'001;
  Guarded x = guarded_row(n);
  for (int64_t i = 0; i < n; ++i) x[i] = -8.0F + 16.0F * static_cast<float>(i) / (n - 1);
  Guarded y = guarded_row(n);
  gelu_forward(x.data(), y.data(), n);
  expect_close(y.data(), n, [&](int64_t i) { return expected_gelu(x[i]); });
}

TEST_P(Activation, GeluFarOut) {
  const float huge = 1e30F;
  Guarded x = guarded_row(4);
  x[0] = 20, x[1] = -20, x[2] = huge, x[3] = -huge;
  Guarded y = guarded_row(4);
  gelu_forward(x.data(), y.data(), 4);
  EXPECT_EQ(y[0], 20);
  EXPECT_EQ(y[1], 0);
  EXPECT_EQ(y[2], huge);
  EXPECT_EQ(y[3], 0);
  const Guarded dy = guarded_row(4).fill(3);
  gelu_backward(x.data(), dy.data(), y.data(), 4);
  EXPECT_EQ(y[0], 3);
  EXPECT_EQ(y[1], 0);
  EXPECT_EQ(y[2], 3);
  EXPECT_EQ(y[3], 0);
}

TEST_P(Activation, GeluBackwardIsTheDerivative) {
  for_each_row([](const Guarded& x, const Guarded& dy) {
    const int64_t n = x.view().cols;
    Guarded dx = guarded_row(n, 2);
    gelu_backward(x.data(), dy.data(), dx.data(), n);
    expect_close(dx.data(), n, [&](int64_t i) {
      double at = x[i];
      const double slope = central_difference([&] { return gelu(at); }, at);
      // e^(-x^2/2) feels the roundings of x^2 by its size.
      const double density = std::abs(at) * normal_density(at);
      const double error = 0.5 * kErfError + density * (kExpError + at * at * kRounding) +
                           4 * kRounding * (normal_distribution(at) + density) + kDifferenceError;
      return Expected{dy[i] * slope, std::abs(dy[i]) * error};
    });
    Guarded in_place = dy;
    gelu_backward(x.data(), in_place.data(), in_place.data(), n);
    expect_equal(in_place, dx);
  });
}

TEST_P(Activation, ReluIsExact) {
  for_each_row([](const Guarded& x, const Guarded& dy) {
    const int64_t n = x.view().cols;
    Guarded y = guarded_row(n, 2);
    relu_forward(x.data(), y.data(), n);
    expect_exactly(y, [&](int64_t, int64_t i) { return x[i] > 0 ? x[i] : 0.0F; });
    Guarded dx = guarded_row(n, 2);
    relu_backward(x.data(), dy.data(), dx.data(), n);
    expect_exactly(dx, [&](int64_t, int64_t i) { return x[i] > 0 ? dy[i] : 0.0F; });
    Guarded in_place = dy;
    relu_backward(x.data(), in_place.data(), in_place.data(), n);
    expect_equal(in_place, dx);
  });
}

TEST_P(Activation, ReluOfInfinities) {
  Guarded x = guarded_row(2);
  x[0] = kInfinity, x[1] = -kInfinity;
  Guarded y = guarded_row(2);
  relu_forward(x.data(), y.data(), 2);
  EXPECT_EQ(y[0], kInfinity);
  EXPECT_EQ(y[1], 0);
}

// A spoiled number must not vanish among good ones.
TEST_P(Activation, NanStaysNan) {
  const Guarded x = guarded_row(19).fill(std::nanf(""));
  const Guarded dy = guarded_row(19).fill(1);
  Guarded y = guarded_row(19);
  const auto expect_nan = [&](const char* what) {
    for (int64_t i = 0; i < 19; ++i) EXPECT_TRUE(std::isnan(y[i])) << what << " " << i;
  };
  gelu_forward(x.data(), y.data(), 19);
  expect_nan("gelu");
  gelu_backward(x.data(), dy.data(), y.data(), 19);
  expect_nan("gelu backward");
  relu_forward(x.data(), y.data(), 19);
  expect_nan("relu");
}

}  // namespace
}  // namespace reformer
