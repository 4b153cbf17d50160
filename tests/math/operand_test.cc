#include "reformer/math/operand.h"

#include <gtest/gtest.h>

#include "tests/math/compare.h"
#include "tests/math/guarded.h"

namespace reformer {
namespace {

class OperandIn : public testing::TestWithParam<Precision> {};
INSTANTIATE_TEST_SUITE_P(Precisions, OperandIn, testing::Values(Precision::fp32, Precision::bf16),
                         [](const auto& info) { return std::string(enum_name(info.param)); });

float rounded(float x, Precision precision) {
  return precision == Precision::fp32 ? x : from_bf16(to_bf16(x));
}

TEST_P(OperandIn, EveryWayToMakeAnOperandGivesTheSameProduct) {
  const Precision precision = GetParam();
  const Guarded a = Guarded(7, 21).randomise(1);
  const Guarded b = Guarded(21, 33).randomise(2);
  Guarded at(21, 7), bt(33, 21);
  for (int64_t k = 0; k < 21; ++k) {
    for (int64_t i = 0; i < 7; ++i) at(k, i) = a(i, k);
    for (int64_t j = 0; j < 33; ++j) bt(j, k) = b(k, j);
  }
  LeftOperand left_memory;
  RightOperand right_memory, copied_memory, transposed_memory, left_at_memory;
  const LeftView left = left_memory.of(a, precision);
  const RightView right = right_memory.of(b, precision);
  Guarded c(7, 33);
  gemm(left, right, c, Store::overwrite);
  expect_close(c.view(), [&](int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t k = 0; k < 21; ++k) {
      sum += double{rounded(a(i, k), precision)} * rounded(b(k, j), precision);
    }
    return Expected{sum, 23 * 21 * kRounding};  // of terms below 1
  });
  const RightView copied = copied_memory.copied(b, precision);
  const RightView transposed = transposed_memory.transposed(bt, precision);
  for (const RightView& other : {copied, transposed}) {
    Guarded d(7, 33);
    gemm(left, other, d, Store::overwrite);
    expect_equal(d, c);
  }
  Guarded d(7, 33);
  gemm_at(left_at_memory.of(at, precision), right, d, Store::accumulate);
  expect_equal(d, c);

  LeftOperand left_copy_memory;
  TwoWayOperand set, copied_both;
  set.set(at, precision);
  copied_both.copy(at, precision);
  for (const RightView& a_at : {set.right(), copied_both.right()}) {
    Guarded e(7, 33);
    gemm_at(a_at, right, e, Store::overwrite);
    expect_equal(e, c);
  }
  set.set(a, precision);
  copied_both.copy(a, precision);
  for (const LeftView& a_left :
       {left_copy_memory.copied(a, precision), set.left(), copied_both.left()}) {
    Guarded e(7, 33);
    gemm(a_left, right, e, Store::overwrite);
    expect_equal(e, c);
  }
  EXPECT_EQ(right.rows(), 21);
  EXPECT_EQ(left.rows(), 7);
}

TEST_P(OperandIn, RangesArePartsOfTheProduct) {
  const Guarded a = Guarded(9, 20).randomise(3);
  const Guarded b = Guarded(20, 40).randomise(4);
  LeftOperand left_memory;
  RightOperand right_memory;
  const LeftView left = left_memory.of(a, GetParam());
  const RightView right = right_memory.of(b, GetParam());
  Guarded whole(9, 40), parts(9, 40);
  gemm(left, right, whole, Store::overwrite);
  gemm(left.row_range(0, 5), right.col_range(0, 16), parts.view().row_range(0, 5).col_range(0, 16),
       Store::overwrite);
  gemm(left.row_range(0, 5), right.col_range(16, 40),
       parts.view().row_range(0, 5).col_range(16, 40), Store::overwrite);
  gemm(left.row_range(5, 9), right, parts.view().row_range(5, 9), Store::overwrite);
  expect_equal(parts, whole);

  // Sums cut in two.
  RightOperand at_memory;
  const RightView at = at_memory.of(a.view().row_range(0, 9), GetParam());
  Guarded sums(20, 40), cut(20, 40);
  const RightView rows = right.row_range(0, 8);
  gemm_at(at.row_range(0, 8), rows, sums, Store::overwrite);
  gemm_at(at.row_range(0, 4), rows.row_range(0, 4), cut, Store::overwrite);
  gemm_at(at.row_range(4, 8), rows.row_range(4, 8), cut, Store::accumulate);
  expect_equal(cut, sums);
}

// Rows in another order, times a factor, for products of both kinds.
TEST_P(OperandIn, CopiesRowsFromAnywhere) {
  for (const int64_t cols : {1, 16, 31, 33, 64, 70}) {
    SCOPED_TRACE(cols);
    const Guarded from = Guarded(9, cols).randomise(11);
    const std::vector<int32_t> rows = {8, 0, 4, 4, 1, 7, 2};
    const auto count = static_cast<int64_t>(rows.size());
    const RowSource source(from, rows, 0.7F);
    Guarded plain(count, cols);
    gather_rows(source, plain);
    LeftOperand left_memory, plain_memory;
    RightOperand right_memory, plain_right_memory, b_memory, c_memory;
    TwoWayOperand both;
    both.copy(source, GetParam());
    const RightView b = b_memory.copied(Guarded(cols, 20).randomise(12).view(), GetParam());
    Guarded expected(count, 20);
    gemm(plain_memory.of(plain, GetParam()), b, expected, Store::overwrite);
    for (const LeftView& left : {left_memory.copied(source, GetParam()), both.left()}) {
      Guarded actual(count, 20);
      gemm(left, b, actual, Store::overwrite);
      expect_equal(actual, expected);
    }
    const RightView c = c_memory.copied(Guarded(count, 20).randomise(13).view(), GetParam());
    Guarded expected_at(cols, 20);
    gemm_at(plain_right_memory.of(plain, GetParam()), c, expected_at, Store::overwrite);
    for (const RightView& right : {right_memory.copied(source, GetParam()), both.right()}) {
      Guarded actual(cols, 20);
      gemm_at(right, c, actual, Store::overwrite);
      expect_equal(actual, expected_at);
    }
  }
}

TEST_P(OperandIn, PaddingIsZero) {
  const Guarded from = Guarded(11, 6).randomise(5);
  const std::vector<int32_t> rows = {10, 3, 3, 0, 7};
  RightOperand memory, plain_memory;
  // Something else was there.
  memory.copied(Guarded(40, 40).randomise(6).view(), GetParam());
  const RightView padded = memory.transposed(RowSource(from, rows), GetParam(), 16);
  const RightView plain = plain_memory.transposed(RowSource(from, rows), GetParam());
  LeftOperand left_memory;
  const Guarded a = Guarded(4, 6).randomise(7);
  const LeftView left = left_memory.of(a, GetParam());
  Guarded c(4, 21), expected(4, 21);
  gemm(left, padded, c, Store::overwrite);
  gemm(left, plain, expected.view().col_range(0, 5), Store::overwrite);
  expect_equal(c, expected);
}

TEST_P(OperandIn, TeamsChangeNoBit) {
  const Guarded a = Guarded(301, 37).randomise(8);
  const Guarded b = Guarded(301, 20).randomise(9);
  ThreadPool pool(3);
  LeftOperand left_memory, left_of_team;
  RightOperand a_memory, a_of_team, b_memory, b_of_team, bt_memory;
  Guarded alone(37, 20), together(37, 20);
  gemm_at(a_memory.of(a, GetParam()), b_memory.of(b, GetParam()), alone, Store::overwrite);
  gemm_at(a_of_team.of(a, GetParam(), Team(pool)), b_of_team.of(b, GetParam(), Team(pool)),
          together, Store::overwrite);
  expect_equal(together, alone);
  const Guarded w = Guarded(37, 5).randomise(10);
  Guarded left_alone(301, 5), left_together(301, 5);
  const RightView right = bt_memory.copied(w, GetParam());
  gemm(left_memory.of(a, GetParam()), right, left_alone, Store::overwrite);
  gemm(left_of_team.of(a, GetParam(), Team(pool)), right, left_together, Store::overwrite);
  expect_equal(left_together, left_alone);
}

TEST(Operand, PrecisionsDoNotMix) {
  const Matrix x(2, 2);
  LeftOperand left;
  RightOperand right, other;
  Matrix c(2, 2);
  const RightView bf16 = right.of(x, Precision::bf16);
  EXPECT_THROW(gemm(left.of(x, Precision::fp32), bf16, c, Store::overwrite), std::logic_error);
  EXPECT_THROW(gemm_at(other.of(x, Precision::fp32), bf16, c, Store::overwrite), std::logic_error);
}

}  // namespace
}  // namespace reformer
