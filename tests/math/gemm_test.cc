#include "reformer/math/gemm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/math/compare.h"
#include "tests/math/expected_product.h"
#include "tests/math/guarded.h"
#include "tests/math/kernel_test.h"

namespace reformer {
namespace {

class Gemm : public KernelTest {};
REFORMER_FOR_EACH_TARGET(Gemm);

Guarded transposed(const Guarded& a, int64_t gap, int64_t offset) {
  Guarded t(a.view().cols, a.view().rows, gap, offset);
  for (int64_t r = 0; r < t.view().rows; ++r) {
    for (int64_t c = 0; c < t.view().cols; ++c) t(r, c) = a(c, r);
  }
  return t;
}

TEST_P(Gemm, ValuesForManyShapesAndStrides) {
  for (const int64_t m : {1, 2, 3, 4, 5, 6, 7, 13}) {
    for (const int64_t n : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 48, 63, 65, 130}) {
      for (const int64_t k : {1, 2, 5, 128, 131, 260}) {
        for (const Store store : {Store::overwrite, Store::accumulate}) {
          SCOPED_TRACE(testing::Message() << m << " x " << n << " x " << k << " accumulate "
                                          << (store == Store::accumulate));
          const auto seed = static_cast<uint64_t>((m * 1000 + n) * 1000 + k);
          const Guarded a = Guarded(m, k, (m + n) % 4, n % 3).randomise(seed);
          const Guarded b = Guarded(k, n, (m + k) % 5, m % 3).randomise(seed + 1);
          const Guarded before = Guarded(m, n).randomise(seed + 2);
          Guarded c = Guarded(m, n, k % 3, k % 5).randomise(seed + 2);
          gemm(a, b, c, store);
          expect_product(a, b, before, c, store);

          const Guarded at = transposed(a, n % 4, m % 5);
          Guarded c_at = before;
          gemm_at(at, b, c_at, store);
          expect_equal(c_at, c);  // the same sums in the same order
          if (HasFailure()) return;
        }
      }
    }
  }
}

// The bits of an element do not depend on which rows, columns and terms share its call.
TEST_P(Gemm, AnyBlockingGivesTheSameBits) {
  const int64_t m = 15;
  const int64_t n = 75;
  const int64_t k = 300;
  const Guarded a = Guarded(m, k).randomise(1);
  const Guarded at = transposed(a, 3, 0);
  const Guarded b = Guarded(k, n, 5).randomise(2);
  const Guarded before = Guarded(m, n).randomise(3);
  Guarded whole = before;
  gemm(a, b, whole, Store::accumulate);

  for (int64_t cut = 0; cut <= m; ++cut) {
    SCOPED_TRACE(testing::Message() << "rows [0, " << cut << ")");
    Guarded c = before;
    gemm(a.view().row_range(0, cut), b, c.view().row_range(0, cut), Store::accumulate);
    gemm_at(at.view().col_range(cut, m), b, c.view().row_range(cut, m), Store::accumulate);
    expect_equal(c, whole);
  }
  for (int64_t cut = 0; cut <= n; ++cut) {
    SCOPED_TRACE(testing::Message() << "columns [0, " << cut << ")");
    Guarded c = before;
    gemm(a, b.view().col_range(0, cut), c.view().col_range(0, cut), Store::accumulate);
    gemm_at(at, b.view().col_range(cut, n), c.view().col_range(cut, n), Store::accumulate);
    expect_equal(c, whole);
  }
  for (const int64_t cut : {0, 1, 2, 64, 127, 128, 129, 200, 299, 300}) {
    SCOPED_TRACE(testing::Message() << "terms [0, " << cut << ")");
    Guarded c = before;
    gemm(a.view().col_range(0, cut), b.view().row_range(0, cut), c, Store::accumulate);
    gemm_at(at.view().row_range(cut, k), b.view().row_range(cut, k), c, Store::accumulate);
    expect_equal(c, whole);
  }
}

// Overwriting must not read C: its old contents may be NaN.
TEST_P(Gemm, OverwriteIgnoresWhatWasThere) {
  for (const int64_t n : {5, 16, 40}) {
    const Guarded a = Guarded(7, 140).randomise(1);
    const Guarded b = Guarded(140, n).randomise(2);
    Guarded from_zero(7, n);
    Guarded from_nan(7, n);
    from_nan.fill(std::nanf(""));
    gemm(a, b, from_zero, Store::overwrite);
    gemm(a, b, from_nan, Store::overwrite);
    expect_equal(from_nan, from_zero);
  }
}

TEST_P(Gemm, NoTermsGiveZeroOrChangeNothing) {
  const Guarded a(3, 0);
  const Guarded at(0, 3);
  const Guarded b(0, 20);
  const Guarded before = Guarded(3, 20, 1).randomise(1);
  const Guarded zero(3, 20);
  Guarded c = before;
  gemm(a, b, c, Store::accumulate);
  gemm_at(at, b, c, Store::accumulate);
  expect_equal(c, before);
  gemm(a, b, c, Store::overwrite);
  expect_equal(c, zero);
  Guarded c_at = before;
  gemm_at(at, b, c_at, Store::overwrite);
  expect_equal(c_at, zero);
}

TEST_P(Gemm, NoRowsOrNoColumns) {
  const Guarded a = Guarded(4, 3).randomise(1);
  const Guarded b = Guarded(3, 9).randomise(2);
  Guarded no_rows(0, 9);
  Guarded no_cols(4, 0, 9);
  for (const Store store : {Store::overwrite, Store::accumulate}) {
    gemm(a.view().row_range(0, 0), b, no_rows, store);
    gemm(a, b.view().col_range(0, 0), no_cols, store);
  }
}

TEST(GemmShapes, MismatchIsALogicError) {
  const Matrix a(2, 3);
  const Matrix b(4, 5);
  Matrix c(2, 5);
  EXPECT_THROW(gemm(a, b, c, Store::overwrite), std::logic_error);
  EXPECT_THROW(gemm_at(a, b, c, Store::overwrite), std::logic_error);
  const Matrix three(3, 5);
  Matrix too_many(3, 5);
  EXPECT_THROW(gemm(a, three, too_many, Store::overwrite), std::logic_error);
  Matrix too_wide(2, 6);
  EXPECT_THROW(gemm(a, three, too_wide, Store::overwrite), std::logic_error);
}

}  // namespace
}  // namespace reformer
