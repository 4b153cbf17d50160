#include "reformer/math/matrix.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>

namespace reformer {
namespace {

bool is_aligned(const float* p) { return reinterpret_cast<uintptr_t>(p) % 64 == 0; }

TEST(PaddedStride, WholeLinesWithRoomForTheRow) {
  EXPECT_EQ(padded_stride(0), 0);
  for (int64_t cols = 1; cols <= 3000; ++cols) {
    const int64_t stride = padded_stride(cols);
    EXPECT_EQ(stride % 16, 0) << cols;
    EXPECT_GE(stride, cols);
    EXPECT_LT(stride, cols + 32) << cols;
  }
}

TEST(PaddedStride, LongRowsTakeAnOddNumberOfLines) {
  for (const int64_t cols : {16, 32, 48, 64, 96}) EXPECT_EQ(padded_stride(cols), cols);
  for (int64_t cols = 113; cols <= 3000; ++cols) {
    EXPECT_EQ(padded_stride(cols) / 16 % 2, 1) << cols;
  }
  EXPECT_EQ(padded_stride(128), 144);
  EXPECT_EQ(padded_stride(1024), 1040);
}

TEST(MatrixView, RangesAreTheSameMemory) {
  Matrix matrix(5, 7);
  const MatrixView all = matrix;
  const MatrixView part = all.row_range(1, 4).col_range(2, 6);
  EXPECT_EQ(part.rows, 3);
  EXPECT_EQ(part.cols, 4);
  EXPECT_EQ(part.stride, all.stride);
  EXPECT_EQ(part.row(2) + 3, all.row(3) + 5);
  EXPECT_EQ(part.row_span(1).data(), all.row(2) + 2);
  EXPECT_EQ(part.row_span(1).size(), 4u);
  const ConstMatrixView constant = part;
  EXPECT_EQ(constant.row(2), part.row(2));
  EXPECT_EQ(all.row_range(5, 5).rows, 0);
  EXPECT_EQ(all.col_range(7, 7).cols, 0);
}

// The last is large enough for the system's large pages.
TEST(Matrix, StartsAsZerosInAlignedPaddedRows) {
  for (const auto& [rows, cols] :
       {std::pair<int64_t, int64_t>{1, 1}, {3, 16}, {7, 17}, {5, 300}, {5000, 300}}) {
    Matrix matrix(rows, cols);
    EXPECT_EQ(matrix.rows(), rows);
    EXPECT_EQ(matrix.cols(), cols);
    EXPECT_EQ(matrix.view().stride, padded_stride(cols));
    for (int64_t r = 0; r < rows; ++r) {
      EXPECT_TRUE(is_aligned(matrix.row(r)));
      for (int64_t c = 0; c < matrix.view().stride; ++c) EXPECT_EQ(matrix.row(r)[c], 0);
    }
  }
}

TEST(Matrix, EmptyShapesAreFine) {
  Matrix nothing;
  EXPECT_EQ(nothing.rows(), 0);
  nothing.fill(1);
  EXPECT_EQ(Matrix(0, 5).cols(), 5);
  EXPECT_EQ(Matrix(5, 0).rows(), 5);
  EXPECT_EQ(nothing.reshape(2, 3).rows, 2);
}

TEST(Matrix, ReshapeAllocatesOnlyWhenItNeverWasThatLarge) {
  Matrix matrix(10, 40);
  const float* memory = matrix.row(0);
  for (const auto& [rows, cols] :
       {std::pair<int64_t, int64_t>{1, 1}, {30, 16}, {2, 200}, {10, 40}}) {
    const MatrixView view = matrix.reshape(rows, cols);
    EXPECT_EQ(view.data, memory) << rows << " x " << cols;
    EXPECT_EQ(matrix.row(0), memory);
    EXPECT_EQ(matrix.rows(), rows);
    EXPECT_EQ(matrix.cols(), cols);
    EXPECT_EQ(view.stride, padded_stride(cols));
  }
  matrix.reshape(11, 40).row(10)[39] = 1;  // one row more does not fit
  EXPECT_EQ(matrix.row(10)[39], 1);
  EXPECT_TRUE(is_aligned(matrix.row(0)));
  memory = matrix.row(0);
  matrix.reshape(10, 40);
  EXPECT_EQ(matrix.reshape(11, 40).data, memory);
}

TEST(Matrix, FillReachesEveryElement) {
  Matrix matrix(3, 21);
  matrix.fill(2.5F);
  for (int64_t r = 0; r < 3; ++r) {
    for (const float x : matrix.view().row_span(r)) EXPECT_EQ(x, 2.5F);
  }
}

TEST(Matrix, MovesAndLeavesAnEmptyOneBehind) {
  Matrix first(2, 3);
  first.row(1)[2] = 7;
  const float* memory = first.row(0);
  Matrix second = std::move(first);
  EXPECT_EQ(second.row(0), memory);
  EXPECT_EQ(second.row(1)[2], 7);
  EXPECT_EQ(first.rows(), 0);  // NOLINT(bugprone-use-after-move)
  ASSERT_NE(first.reshape(2, 3).data, nullptr);
  EXPECT_NE(first.row(0), memory);
  first = std::move(second);
  EXPECT_EQ(first.row(0), memory);
  EXPECT_EQ(first.row(1)[2], 7);
  EXPECT_EQ(second.rows(), 0);  // NOLINT(bugprone-use-after-move)
  EXPECT_NE(second.reshape(1, 1).data, nullptr);
}

}  // namespace
}  // namespace reformer
