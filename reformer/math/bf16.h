// Products of matrices rounded to bf16, the upper half of a float: 8 bits of significand. Sums are
// in float.
//
// Operands are stored as pairs of neighbouring terms of the sum, two bf16 in four bytes: that is
// how the units that multiply bf16 read them. So there are two layouts, by the direction in which
// sums run, and a type for each.
//
// A product has the same bits on every CPU and for every blocking that cuts sums between pairs,
// wherever sums stay above 2^-102 or are zero. Each pair adds its second term, then its first, each
// rounded to nearest even; numbers below the smallest normal float count as zero.
#pragma once

#include <concepts>
#include <span>

#include "reformer/math/gemm.h"
#include "reformer/math/matrix.h"

namespace reformer {

// Rounded to nearest even. Larger than bf16 becomes infinite, a NaN stays one.
uint16_t to_bf16(float x);
float from_bf16(uint16_t x);

// Whether the CPU has instructions for it and the instruction set in use (target.h) allows them.
// Without, all of this works but slowly: for tests.
bool bf16_is_native();

// A [rows, cols] matrix over whose rows sums run. The last pair of an odd row ends in zero.
struct Bf16RowsView {
  BasicMatrixView<const uint32_t>
      pairs;  // [rows, ceil(cols / 2)], the left element in the low half
  int64_t cols = 0;

  int64_t rows() const { return pairs.rows; }
  Bf16RowsView row_range(int64_t begin, int64_t end) const {
    return {pairs.row_range(begin, end), cols};
  }
};

// A [rows, cols] matrix over whose columns sums run. The last pairs of an odd column end in zero.
struct Bf16ColumnsView {
  BasicMatrixView<const uint32_t>
      pairs;  // [ceil(rows / 2), cols], the upper element in the low half
  int64_t rows = 0;

  int64_t cols() const { return pairs.cols; }
  // Cuts between pairs: begin is even, and end too unless it is the end of all.
  Bf16ColumnsView row_range(int64_t begin, int64_t end) const;
  Bf16ColumnsView col_range(int64_t begin, int64_t end) const {
    return {pairs.col_range(begin, end), rows};
  }
};

// Where a row of an operand comes from: row rows[i] of a matrix, or row i when there is no index,
// times a factor.
struct Bf16Source {
  template <std::convertible_to<ConstMatrixView> M>
  Bf16Source(const M& all) : from(all), count(from.rows) {}  // NOLINT: a matrix is a source
  Bf16Source(ConstMatrixView all, std::span<const int32_t> rows, float times = 1)
      : from(all), index(rows.data()), count(static_cast<int64_t>(rows.size())), factor(times) {}

  const float* row(int64_t i) const { return from.row(index == nullptr ? i : index[i]); }

  ConstMatrixView from;
  const int32_t* index = nullptr;
  int64_t count = 0;  // rows
  float factor = 1;
};

// Owners, which settle as Matrix does.
class Bf16Rows {
 public:
  void assign(const Bf16Source& source);
  Bf16RowsView view() const { return {pairs_.view(), cols_}; }
  operator Bf16RowsView() const { return view(); }

 private:
  BasicMatrix<uint32_t> pairs_;
  int64_t cols_ = 0;
};

class Bf16Columns {
 public:
  void assign(const Bf16Source& source);
  // The source transposed; its factor must be 1.
  void assign_transposed(const Bf16Source& source);
  Bf16ColumnsView view() const { return {pairs_.view(), rows_}; }
  operator Bf16ColumnsView() const { return view(); }

 private:
  BasicMatrix<uint32_t> pairs_;
  int64_t rows_ = 0;
};

// C = A B or C += A B.   A: [M, K]   B: [K, N]   C: [M, N]
void gemm(Bf16RowsView a, Bf16ColumnsView b, MatrixView c, Store store);

// C = A^T B or C += A^T B.   A: [K, M]   B: [K, N]   C: [M, N]
void gemm_at(Bf16ColumnsView a, Bf16ColumnsView b, MatrixView c, Store store);

}  // namespace reformer
