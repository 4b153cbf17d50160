#include "reformer/math/gather.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "reformer/base/random.h"
#include "tests/math/compare.h"
#include "tests/math/guarded.h"
#include "tests/math/kernel_test.h"

namespace reformer {
namespace {

// n row numbers below `bound`, in any order, some more than once.
std::vector<int32_t> some_rows(int64_t n, int64_t bound) {
  const RandomStream stream({.seed = static_cast<uint64_t>(n)});
  std::vector<int32_t> rows;
  for (int64_t i = 0; i < n; ++i) {
    rows.push_back(
        static_cast<int32_t>(stream.below(static_cast<uint64_t>(i), static_cast<uint32_t>(bound))));
  }
  return rows;
}

class Gather : public KernelTest {
 protected:
  // Calls test(n, cols) for many shapes, until one fails.
  template <class Test>
  static void for_each_shape(const Test& test) {
    for (const int64_t n : {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50}) {
      for (const int64_t cols : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 33, 64, 67}) {
        SCOPED_TRACE(testing::Message() << n << " x " << cols);
        test(n, cols);
        if (HasFailure()) return;
      }
    }
  }
};
REFORMER_FOR_EACH_TARGET(Gather);

TEST_P(Gather, Rows) {
  for_each_shape([](int64_t n, int64_t cols) {
    const Guarded from = Guarded(11, cols, n % 3, n % 5).randomise(1);
    const auto rows = some_rows(n, 11);
    Guarded to(n, cols, cols % 4, cols % 3);
    gather_rows(RowSource(from, rows, 0.7F), to);
    expect_exactly(
        to, [&](int64_t i, int64_t c) { return 0.7F * from(rows[static_cast<size_t>(i)], c); });
  });
}

TEST_P(Gather, Transposed) {
  for_each_shape([](int64_t n, int64_t cols) {
    const Guarded from = Guarded(11, cols, n % 3, n % 5).randomise(1);
    const auto rows = some_rows(n, 11);
    Guarded to(cols, n, cols % 4, cols % 3);
    gather_transposed(RowSource(from, rows), to);
    expect_exactly(to, [&](int64_t c, int64_t i) { return from(rows[static_cast<size_t>(i)], c); });
  });
}

TEST_P(Gather, Transpose) {
  for_each_shape([](int64_t n, int64_t cols) {
    const Guarded from = Guarded(n, cols, n % 3, n % 5).randomise(1);
    Guarded to(cols, n, cols % 4, cols % 3);
    gather_transposed(from, to);
    expect_exactly(to, [&](int64_t c, int64_t i) { return from(i, c); });
  });
}

// Multiples of 1/2 of small numbers add up exactly, fused or not.
TEST_P(Gather, ScatterAddCountsARowAsOftenAsItOccurs) {
  for_each_shape([](int64_t n, int64_t cols) {
    Guarded from(n, cols, n % 3, n % 5);
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t c = 0; c < cols; ++c) from(i, c) = static_cast<float>((i * 7 + c * 3) % 19 - 9);
    }
    const auto rows = some_rows(n, 6);
    Guarded to(6, cols, cols % 4, cols % 3);
    to.fill(100);
    scatter_add_rows(from, rows, 0.5F, to);
    expect_exactly(to, [&](int64_t r, int64_t c) {
      float sum = 100;
      for (int64_t i = 0; i < n; ++i) {
        if (rows[static_cast<size_t>(i)] == r) sum += 0.5F * from(i, c);
      }
      return sum;
    });
  });
}

TEST_P(Gather, PartsOfALargerMatrix) {
  Guarded large = Guarded(40, 50).randomise(1);
  const Guarded before = large;
  const ConstMatrixView from = before.view().row_range(3, 23).col_range(5, 14);
  gather_transposed(from, large.view().row_range(10, 19).col_range(20, 40));
  expect_exactly(large, [&](int64_t r, int64_t c) {
    const bool inside = r >= 10 && r < 19 && c >= 20;
    return inside && c < 40 ? before(3 + c - 20, 5 + r - 10) : before(r, c);
  });
}

TEST(GatherShapes, MismatchIsALogicError) {
  const Matrix from(4, 5);
  const std::vector<int32_t> rows = {0, 1};
  Matrix wrong(3, 5);
  EXPECT_THROW(gather_rows(RowSource(from, rows), wrong), std::logic_error);
  EXPECT_THROW(gather_transposed(RowSource(from, rows), wrong), std::logic_error);
  EXPECT_THROW(scatter_add_rows(from, rows, 1, wrong), std::logic_error);
  EXPECT_THROW(gather_transposed(from, wrong), std::logic_error);
}

}  // namespace
}  // namespace reformer
