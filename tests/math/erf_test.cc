// The vector erf itself; through gelu its error could hide behind roundings.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "reformer/math/simd.h"
#include "tests/math/compare.h"
#include "tests/math/kernel_test.h"
#include "tests/support/infinity.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/math/erf_test.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "reformer/math/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

void erf_in_place(float* x, int64_t n) {
  const F32 d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < n; i += lanes) hn::StoreU(vector_erf(hn::LoadU(d, x + i)), d, x + i);
}

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(erf_in_place);

namespace {

constexpr int64_t kMaxLanes = 16;

class Erf : public KernelTest {
 protected:
  static std::vector<float> of(std::vector<float> x) {
    const size_t n = x.size();
    x.resize(n + kMaxLanes);
    HWY_DYNAMIC_DISPATCH(erf_in_place)(x.data(), static_cast<int64_t>(n));
    x.resize(n);
    return x;
  }

  static void expect_accurate(const std::vector<float>& x) {
    const std::vector<float> y = of(x);
    expect_close(y.data(), static_cast<int64_t>(y.size()), [&](int64_t i) {
      return Expected{std::erf(double{x[static_cast<size_t>(i)]}), kErfError};
    });
  }
};
REFORMER_FOR_EACH_TARGET(Erf);

TEST_P(Erf, AccurateOverTheWholeRange) {
  std::vector<float> x;
  const int kPoints = 400'000;
  for (int i = 0; i <= kPoints; ++i) x.push_back(-6.0F + 12.0F * static_cast<float>(i) / kPoints);
  expect_accurate(x);
}

TEST_P(Erf, AccurateWhereTheTwoFormulasMeet) {
  std::vector<float> x;
  for (const float seam : {-4.0F, -1.0F, 1.0F, 4.0F}) {
    float at = seam;
    for (int i = 0; i < 50; ++i) at = std::nextafter(at, -kInfinity);
    for (int i = 0; i < 100; ++i, at = std::nextafter(at, kInfinity)) x.push_back(at);
  }
  expect_accurate(x);
}

TEST_P(Erf, RelativelyAccurateNearZero) {
  std::vector<float> x;
  for (float magnitude = 0.1F; magnitude > 1e-30F; magnitude *= 0.93F) {
    x.push_back(magnitude);
    x.push_back(-magnitude);
  }
  const std::vector<float> y = of(x);
  expect_close(y.data(), static_cast<int64_t>(y.size()), [&](int64_t i) {
    const double value = std::erf(double{x[static_cast<size_t>(i)]});
    return Expected{value, kErfError * std::abs(value)};
  });
}

TEST_P(Erf, OddAndOneFarOut) {
  for (float x = 0; x < 5; x += 0.01F) {
    const auto y = of({x, -x});
    EXPECT_EQ(y[0], -y[1]) << x;
  }
  const float max = std::numeric_limits<float>::max();
  EXPECT_EQ(of({4, 10, max, kInfinity, -4, -10, -max, -kInfinity}),
            (std::vector<float>{1, 1, 1, 1, -1, -1, -1, -1}));
}

TEST_P(Erf, NanStaysNan) { EXPECT_TRUE(std::isnan(of({std::nanf("")})[0])); }

}  // namespace
}  // namespace reformer
#endif  // HWY_ONCE
