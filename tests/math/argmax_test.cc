#include "reformer/math/argmax.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tests/math/guarded.h"
#include "tests/math/kernel_test.h"

namespace reformer {
namespace {

constexpr int32_t kUntouched = -7;

// By the definition: a walk over [x ; -x].
int32_t expected(const Guarded& x, int64_t rows, int64_t column) {
  int32_t at = 0;
  float best = x(0, column);
  for (int64_t j = 0; j < 2 * rows; ++j) {
    const float value = j < rows ? x(j, column) : -x(j - rows, column);
    if (value > best) {
      best = value;
      at = static_cast<int32_t>(j);
    }
  }
  return at;
}

void expect_chosen(const Guarded& x, int64_t rows, int64_t cols) {
  std::vector<int32_t> at(static_cast<size_t>(cols) + 1, kUntouched);
  argmax_of_both_signs(x, at.data());
  for (int64_t i = 0; i < cols; ++i) {
    EXPECT_EQ(at[static_cast<size_t>(i)], expected(x, rows, i))
        << rows << " x " << cols << ", column " << i;
  }
  EXPECT_EQ(at.back(), kUntouched);
}

class Argmax : public KernelTest {};
REFORMER_FOR_EACH_TARGET(Argmax);

TEST_P(Argmax, OfBothSigns) {
  for (const int64_t rows : {1, 2, 3, 8, 32}) {
    for (const int64_t cols : {0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 64, 67}) {
      expect_chosen(Guarded(rows, cols, rows % 3, cols % 5).randomise(1), rows, cols);
    }
  }
}

TEST_P(Argmax, TakesTheFirstOfEquals) {
  for (const int64_t cols : {3, 16, 40}) {
    Guarded x = Guarded(4, cols).randomise(2);
    for (int64_t j = 0; j < 4; ++j) {
      for (int64_t i = 0; i < cols; ++i) x(j, i) = x(j, i) < 0 ? -1.0F : 1.0F;
    }
    expect_chosen(x, 4, cols);
    x.fill(0);
    expect_chosen(x, 4, cols);
  }
}

TEST_P(Argmax, NeverChoosesANaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const int64_t cols : {3, 16, 40}) {
    Guarded x = Guarded(3, cols).randomise(3);
    for (int64_t i = 0; i < cols; ++i) x(i % 3, i) = nan;
    expect_chosen(x, 3, cols);
  }
}

}  // namespace
}  // namespace reformer
