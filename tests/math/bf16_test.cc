#include "reformer/math/bf16.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "reformer/math/peak.h"
#include "tests/math/compare.h"
#include "tests/math/expected_product.h"
#include "tests/math/guarded.h"
#include "tests/math/kernel_test.h"

namespace reformer {
namespace {

class Bf16 : public KernelTest {};
REFORMER_FOR_EACH_TARGET(Bf16);

float rounded(float x) { return from_bf16(to_bf16(x)); }

// One half of a pair: 0 the low one.
float half(uint32_t pair, int64_t which) {
  return from_bf16(static_cast<uint16_t>(pair >> (16 * which)));
}

Guarded rounded_copy(const Guarded& a) {
  Guarded out(a.view().rows, a.view().cols);
  for (int64_t r = 0; r < a.view().rows; ++r) {
    for (int64_t c = 0; c < a.view().cols; ++c) out(r, c) = rounded(a(r, c));
  }
  return out;
}

Bf16Rows rows_of(const RowSource& source) {
  Bf16Rows out;
  out.assign(source);
  return out;
}

Bf16Columns columns_of(const RowSource& source) {
  Bf16Columns out;
  out.assign(source);
  return out;
}

Bf16Columns transposed(const RowSource& source) {
  Bf16Columns out;
  out.assign_transposed(source);
  return out;
}

TEST(Bf16Rounding, ToNearestEven) {
  EXPECT_EQ(to_bf16(1.0F), 0x3f80);
  EXPECT_EQ(to_bf16(-2.0F), 0xc000);
  EXPECT_EQ(rounded(0x1.01p0F), 0x1.00p0F);  // a tie goes to the even one, down
  EXPECT_EQ(rounded(0x1.03p0F), 0x1.04p0F);  // and up
  EXPECT_EQ(rounded(0x1.010002p0F), 0x1.02p0F);
  EXPECT_EQ(rounded(0x1.02fffep0F), 0x1.02p0F);
  EXPECT_EQ(rounded(-0x1.03p0F), -0x1.04p0F);
  EXPECT_EQ(rounded(std::numeric_limits<float>::max()), HUGE_VALF);
  EXPECT_EQ(rounded(-HUGE_VALF), -HUGE_VALF);
  EXPECT_TRUE(std::isnan(rounded(std::bit_cast<float>(0x7f800001U))));
  EXPECT_EQ(to_bf16(0x1p-126F), 0x0080);   // the smallest normal number
  EXPECT_EQ(to_bf16(-0x1p-127F), 0x8000);  // zero from here on
}

// Both conversions agree on special values too.
TEST_P(Bf16, PacksAsItRounds) {
  const float values[] = {0,
                          -0.0F,
                          1,
                          0x1.01p0F,
                          0x1.03p0F,
                          -0x1.010002p0F,
                          3.4e38F,
                          -HUGE_VALF,
                          0x1p-126F,
                          0x1p-127F,
                          -1e-45F,
                          std::bit_cast<float>(0x7f800001U),
                          std::bit_cast<float>(0xffc12345U)};
  const auto count = static_cast<int64_t>(std::size(values));
  const Bf16Rows packed = rows_of(ConstMatrixView{values, 1, count, count});
  for (int64_t i = 0; i < count; ++i) {
    EXPECT_EQ(packed.view().pairs.row(0)[i / 2] >> (16 * (i % 2)) & 0xffff, to_bf16(values[i]))
        << values[i];
  }
}

TEST_P(Bf16, LayoutsForManyShapesAndIndices) {
  for (const int64_t rows : {1, 2, 3, 15, 16, 17, 33}) {
    for (const int64_t cols : {1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 47, 65}) {
      for (const bool indexed : {false, true}) {
        SCOPED_TRACE(testing::Message() << rows << " x " << cols << " indexed " << indexed);
        const Guarded from = Guarded(rows, cols, cols % 3, rows % 5)
                                 .randomise(static_cast<uint64_t>(rows * 100 + cols));
        std::vector<int32_t> index(static_cast<size_t>(indexed ? rows + 4 : rows));
        for (size_t i = 0; i < index.size(); ++i) {
          index[i] = static_cast<int32_t>(indexed ? i * 7 % static_cast<size_t>(rows) : i);
        }
        const auto count = static_cast<int64_t>(index.size());
        const float factor = indexed ? 0.3F : 1;
        const RowSource source = indexed ? RowSource(from, index, factor) : RowSource(from.view());
        const RowSource plain = indexed ? RowSource(from, index) : RowSource(from.view());
        const Bf16Rows r = rows_of(source);
        const Bf16Columns c = columns_of(source);
        const Bf16Columns t = transposed(plain);
        ASSERT_EQ(r.view().rows(), count);
        ASSERT_EQ(r.view().cols, cols);
        ASSERT_EQ(c.view().rows, count);
        ASSERT_EQ(c.view().cols(), cols);
        ASSERT_EQ(t.view().rows, cols);
        ASSERT_EQ(t.view().cols(), count);
        const auto expected = [&](int64_t i, int64_t j, float times) {
          if (i >= count || j >= cols) return 0.0F;  // the other half of a last pair
          return rounded(from(index[static_cast<size_t>(i)], j) * times);
        };
        for (int64_t i = 0; i < count + count % 2; ++i) {
          for (int64_t j = 0; j < cols + cols % 2; ++j) {
            if (i < count) {
              ASSERT_EQ(half(r.view().pairs.row(i)[j / 2], j % 2), expected(i, j, factor));
              ASSERT_EQ(half(t.view().pairs.row(j / 2)[i], j % 2), expected(i, j, 1));
            }
            if (j < cols) {
              ASSERT_EQ(half(c.view().pairs.row(i / 2)[j], i % 2), expected(i, j, factor));
            }
          }
        }
      }
    }
  }
}

TEST_P(Bf16, RoundsRows) {
  for (const int64_t n : {0, 1, 15, 16, 17, 40}) {
    const Guarded from = Guarded(1, n, 0, n % 5).randomise(static_cast<uint64_t>(n), -3, 3);
    Guarded to(1, n, 0, n % 3);
    round_to_bf16(from.data(), to.data(), n);
    expect_exactly(to, [&](int64_t, int64_t c) { return rounded(from(0, c)); });
  }
}

TEST_P(Bf16, MadeInPartsItIsTheSame) {
  const Guarded from = Guarded(21, 19).randomise(5);
  const Bf16Rows rows = rows_of(from.view());
  const Bf16Columns columns = columns_of(from.view());
  Bf16Rows rows_in_parts;
  Bf16Columns columns_in_parts;
  rows_in_parts.reshape(21, 19);
  columns_in_parts.reshape(21, 19);
  for (const auto& [begin, end] : {std::pair<int64_t, int64_t>{8, 21}, {0, 2}, {2, 8}}) {
    rows_in_parts.set_rows(begin, from.view().row_range(begin, end));
    columns_in_parts.set_rows(begin, from.view().row_range(begin, end));
  }
  for (int64_t r = 0; r < 21; ++r) {
    for (int64_t p = 0; p < 10; ++p) {
      ASSERT_EQ(rows_in_parts.view().pairs.row(r)[p], rows.view().pairs.row(r)[p]);
    }
  }
  for (int64_t p = 0; p < 11; ++p) {
    for (int64_t c = 0; c < 19; ++c) {
      ASSERT_EQ(columns_in_parts.view().pairs.row(p)[c], columns.view().pairs.row(p)[c]);
    }
  }
}

TEST_P(Bf16, ProductsForManyShapesAndStrides) {
  for (const int64_t m : {1, 2, 3, 4, 5, 6, 7, 13}) {
    for (const int64_t n : {1, 2, 15, 16, 17, 31, 33, 48, 63, 64, 65, 130}) {
      for (const int64_t k : {1, 2, 5, 64, 127, 128, 131, 260}) {
        const auto seed = static_cast<uint64_t>((m * 1000 + n) * 1000 + k);
        const Guarded a = Guarded(m, k, (m + n) % 4, n % 3).randomise(seed);
        const Guarded b = Guarded(k, n, (m + k) % 5, m % 3).randomise(seed + 1);
        const Guarded before = Guarded(m, n).randomise(seed + 2);
        const Guarded ra = rounded_copy(a);
        const Guarded rb = rounded_copy(b);
        Guarded at(k, m);
        for (int64_t i = 0; i < m; ++i) {
          for (int64_t j = 0; j < k; ++j) at(j, i) = a(i, j);
        }
        for (const Store store : {Store::overwrite, Store::accumulate}) {
          SCOPED_TRACE(testing::Message() << m << " x " << n << " x " << k << " accumulate "
                                          << (store == Store::accumulate));
          Guarded c = Guarded(m, n, k % 3, k % 5).randomise(seed + 2);
          gemm(rows_of(a.view()), columns_of(b.view()), c, store);
          expect_product(ra, rb, before, c, store);
          Guarded c_at = before;
          gemm_at(columns_of(at.view()), columns_of(b.view()), c_at, store);
          expect_equal(c_at, c);
          Guarded c_transposed = before;
          gemm_at(transposed(a.view()), columns_of(b.view()), c_transposed, store);
          expect_equal(c_transposed, c);
          if (HasFailure()) return;
        }
      }
    }
  }
}

TEST_P(Bf16, AnyBlockingBetweenPairsGivesTheSameBits) {
  const int64_t m = 15;
  const int64_t n = 75;
  const int64_t k = 301;
  const Guarded a = Guarded(m, k).randomise(1);
  const Guarded b = Guarded(k, n, 5).randomise(2);
  const Guarded before = Guarded(m, n).randomise(3);
  const Bf16Rows ra = rows_of(a.view());
  const Bf16Columns ta = transposed(a.view());
  const Bf16Columns cb = columns_of(b.view());
  Guarded whole = before;
  gemm(ra, cb, whole, Store::accumulate);
  for (int64_t cut = 0; cut <= m; ++cut) {
    SCOPED_TRACE(testing::Message() << "rows [0, " << cut << ")");
    Guarded c = before;
    gemm(ra.view().row_range(0, cut), cb, c.view().row_range(0, cut), Store::accumulate);
    gemm_at(ta.view().col_range(cut, m), cb, c.view().row_range(cut, m), Store::accumulate);
    expect_equal(c, whole);
  }
  for (int64_t cut = 0; cut <= n; ++cut) {
    SCOPED_TRACE(testing::Message() << "columns [0, " << cut << ")");
    Guarded c = before;
    gemm(ra, cb.view().col_range(0, cut), c.view().col_range(0, cut), Store::accumulate);
    gemm(ra, cb.view().col_range(cut, n), c.view().col_range(cut, n), Store::accumulate);
    expect_equal(c, whole);
  }
  for (const int64_t cut : {0, 2, 64, 126, 128, 130, 300}) {
    SCOPED_TRACE(testing::Message() << "terms [0, " << cut << ")");
    Guarded c = before;
    gemm_at(ta.view().row_range(0, cut), cb.view().row_range(0, cut), c, Store::accumulate);
    gemm_at(ta.view().row_range(cut, k), cb.view().row_range(cut, k), c, Store::accumulate);
    expect_equal(c, whole);
  }
}

// The order of additions inside a pair is the CPU's own, so the native and the portable code agree
// to the bit.
TEST_P(Bf16, BitsAreThoseOfPortableCode) {
  const Guarded a = Guarded(13, 301).randomise(1, -3, 3);
  const Guarded b = Guarded(301, 75).randomise(2);
  Guarded got = Guarded(13, 75).randomise(3);
  Guarded expected = got;
  gemm(rows_of(a.view()), columns_of(b.view()), got, Store::accumulate);
  for (int64_t i = 0; i < 13; ++i) {
    for (int64_t j = 0; j < 75; ++j) {
      float sum = expected(i, j);
      for (int64_t k = 0; k < 301; k += 2) {
        if (k + 1 < 301) sum += rounded(a(i, k + 1)) * rounded(b(k + 1, j));
        sum += rounded(a(i, k)) * rounded(b(k, j));
      }
      expected(i, j) = sum;
    }
  }
  expect_equal(got, expected);
}

TEST_P(Bf16, OverwriteIgnoresWhatWasThere) {
  for (const int64_t n : {5, 16, 70}) {
    const Guarded a = Guarded(7, 140).randomise(1);
    const Guarded b = Guarded(140, n).randomise(2);
    Guarded from_zero(7, n);
    Guarded from_nan(7, n);
    from_nan.fill(std::nanf(""));
    gemm(rows_of(a.view()), columns_of(b.view()), from_zero, Store::overwrite);
    gemm(rows_of(a.view()), columns_of(b.view()), from_nan, Store::overwrite);
    expect_equal(from_nan, from_zero);
  }
}

TEST_P(Bf16, NoTermsNoRowsOrNoColumns) {
  const Guarded a(3, 0);
  const Guarded b(0, 20);
  const Guarded zero(3, 20);
  Guarded c = Guarded(3, 20).randomise(1);
  gemm(rows_of(a.view()), columns_of(b.view()), c, Store::overwrite);
  expect_equal(c, zero);
  const Guarded right = Guarded(4, 20).randomise(2);
  Guarded no_rows(0, 20);
  gemm(rows_of(Guarded(0, 4).view()), columns_of(right.view()), no_rows, Store::accumulate);
  Guarded no_cols(3, 0);
  gemm_at(columns_of(Guarded(4, 3).view()), columns_of(Guarded(4, 0).view()), no_cols,
          Store::overwrite);
}

TEST(Bf16Shapes, MismatchIsALogicError) {
  const Matrix a(2, 3);
  const Matrix b(4, 5);
  Matrix c(2, 5);
  EXPECT_THROW(gemm(rows_of(a), columns_of(b), c, Store::overwrite), std::logic_error);
  EXPECT_THROW(gemm_at(columns_of(a), columns_of(b), c, Store::overwrite), std::logic_error);
  const Bf16Columns whole = columns_of(b);
  EXPECT_THROW(whole.view().row_range(1, 4), std::logic_error);
  EXPECT_THROW(whole.view().row_range(0, 3), std::logic_error);
  Bf16Columns parts;
  parts.reshape(4, 5);
  EXPECT_THROW(parts.set_rows(1, b.view().row_range(1, 4)), std::logic_error);
  EXPECT_THROW(parts.set_rows(0, b.view().row_range(0, 3)), std::logic_error);
  EXPECT_THROW(parts.set_rows(2, b), std::logic_error);
  const std::vector<int32_t> index = {0, 1};
  EXPECT_THROW(transposed(RowSource(b, index, 0.5F)), std::logic_error);
}

TEST_P(Bf16, IsNativeOnlyWithItsInstructions) {
  if (GetParam() == "AVX3") GTEST_SKIP() << "depends on the CPU";
  EXPECT_FALSE(bf16_is_native());
  EXPECT_EQ(run_bf16_multiply_adds(10), 0);
}

}  // namespace
}  // namespace reformer
