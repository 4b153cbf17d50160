#include "reformer/math/rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/math/compare.h"
#include "tests/math/guarded.h"
#include "tests/math/kernel_test.h"
#include "tests/support/infinity.h"

namespace reformer {
namespace {

// Every remainder of every vector length, and some long rows.
std::vector<int64_t> lengths() {
  std::vector<int64_t> n;
  for (int64_t i = 0; i <= 70; ++i) n.push_back(i);
  for (const int64_t i : {127, 128, 129, 1000}) n.push_back(i);
  return n;
}

class Rows : public KernelTest {
 protected:
  // Calls test(n, offset) for all lengths and some alignments, until one fails.
  template <class Test>
  static void for_each_shape(const Test& test) {
    for (const int64_t n : lengths()) {
      for (const int64_t offset : {0, 1, 3}) {
        SCOPED_TRACE(testing::Message() << "n " << n << " offset " << offset);
        test(n, offset);
        if (HasFailure()) return;
      }
    }
  }
};
REFORMER_FOR_EACH_TARGET(Rows);

TEST_P(Rows, Dot) {
  for_each_shape([](int64_t n, int64_t offset) {
    const Guarded a = guarded_row(n, offset).randomise(1);
    const Guarded b = guarded_row(n, 2 * offset).randomise(2);
    double sum = 0;
    double magnitude = 0;
    for (int64_t i = 0; i < n; ++i) {
      sum += double{a[i]} * b[i];
      magnitude += std::abs(double{a[i]} * b[i]);
    }
    expect_close(row_dot(a.data(), b.data(), n),
                 {sum, static_cast<double>(n + 1) * kRounding * magnitude});
  });
}

TEST_P(Rows, MaxWhereverItIs) {
  for_each_shape([](int64_t n, int64_t offset) {
    Guarded x = guarded_row(n, offset).randomise(1, -9, -8);  // no element exceeds a masked zero
    for (int64_t at = 0; at < n; ++at) {
      const float old = x[at];
      x[at] = -7;
      EXPECT_EQ(row_max(x.data(), n), -7) << "at " << at;
      x[at] = old;
    }
    x.fill(-kInfinity);
    EXPECT_EQ(row_max(x.data(), n), -kInfinity);
  });
}

TEST_P(Rows, SumOfSquares) {
  for_each_shape([](int64_t n, int64_t offset) {
    const Guarded x = guarded_row(n, offset).randomise(1);
    long double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += static_cast<long double>(x[i]) * x[i];
    const auto reference = static_cast<double>(sum);
    expect_close(row_sum_of_squares(x.data(), n),
                 {reference, static_cast<double>(n + 1) * 0x1p-53 * reference});
  });
}

TEST_P(Rows, AddScaled) {
  for_each_shape([](int64_t n, int64_t offset) {
    const Guarded x = guarded_row(n, offset).randomise(1);
    const Guarded before = guarded_row(n).randomise(2);
    Guarded y = guarded_row(n, 2 * offset).randomise(2);
    const float factor = -1.7F;
    row_add_scaled(y.data(), x.data(), factor, n);
    expect_close(y.data(), n, [&](int64_t i) {
      const double term = double{factor} * x[i];
      return Expected{before[i] + term, 2 * kRounding * (std::abs(before[i]) + std::abs(term))};
    });
  });
}

TEST_P(Rows, Blend) {
  for_each_shape([](int64_t n, int64_t offset) {
    const Guarded x = guarded_row(n, offset).randomise(1);
    const Guarded before = guarded_row(n).randomise(2);
    Guarded y = guarded_row(n, 2 * offset).randomise(2);
    const float a = 0.3F;
    const float b = -2.1F;
    row_blend(y.data(), a, x.data(), b, n);
    expect_close(y.data(), n, [&](int64_t i) {
      const double kept = double{a} * before[i];
      const double added = double{b} * x[i];
      return Expected{kept + added, 2 * kRounding * (std::abs(kept) + std::abs(added))};
    });
  });
}

TEST_P(Rows, ScaleIsExactAndMayBeInPlace) {
  for_each_shape([](int64_t n, int64_t offset) {
    Guarded x = guarded_row(n, offset).randomise(1);
    const Guarded before = guarded_row(n).randomise(1);
    Guarded y = guarded_row(n, 2 * offset);
    row_scale(y.data(), x.data(), 1.3F, n);
    row_scale(x.data(), x.data(), 1.3F, n);
    expect_exactly(y, [&](int64_t, int64_t i) { return 1.3F * before[i]; });
    expect_equal(x, y);
  });
}

TEST_P(Rows, ExpAndItsSum) {
  for_each_shape([](int64_t n, int64_t offset) {
    Guarded x = guarded_row(n, offset).randomise(1, -9, 3);
    for (int64_t i = 0; i < n; i += 5) x[i] = -kInfinity;  // a key that must not be seen
    const Guarded before = x;
    const float shift = 2.5F;
    const float sum = row_exp(x.data(), shift, n);
    double reference = 0;
    const auto expected = [&](int64_t i) {
      const float shifted = before[i] - shift;
      const double e = std::exp(double{shifted});
      return Expected{e, kExpError * e};
    };
    for (int64_t i = 0; i < n; ++i) reference += expected(i).value;
    expect_close(x.data(), n, expected);
    expect_close(sum,
                 {reference, (kExpError + static_cast<double>(n + 1) * kRounding) * reference});
  });
}

// Sums depend on the length, not on where the row lies in memory.
TEST_P(Rows, SumsHaveTheSameBitsAtEveryAlignment) {
  for (const int64_t n : lengths()) {
    const Guarded a = guarded_row(n).randomise(1);
    const Guarded b = guarded_row(n).randomise(2);
    Guarded e = guarded_row(n).randomise(3);
    const float exp_sum = row_exp(e.data(), 1, n);
    for (int64_t offset = 1; offset < 16; ++offset) {
      const Guarded moved_a = guarded_row(n, offset).randomise(1);
      const Guarded moved_b = guarded_row(n, offset + 3).randomise(2);
      Guarded moved_e = guarded_row(n, offset).randomise(3);
      EXPECT_EQ(row_dot(moved_a.data(), moved_b.data(), n), row_dot(a.data(), b.data(), n));
      EXPECT_EQ(row_sum_of_squares(moved_a.data(), n), row_sum_of_squares(a.data(), n));
      EXPECT_EQ(row_exp(moved_e.data(), 1, n), exp_sum);
      expect_equal(moved_e, e);
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace reformer
