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

#include "reformer/math/gather.h"
#include "reformer/math/gemm.h"
#include "reformer/math/matrix.h"

namespace reformer {

// Rounded to nearest even. Larger than bf16 becomes infinite, a NaN stays one.
uint16_t to_bf16(float x);
float from_bf16(uint16_t x);

// y = x rounded to bf16, as floats; y may be x.   x, y: [n]
void round_to_bf16(const float* x, float* y, int64_t n);

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

// Owners, which settle as Matrix does.
class Bf16Rows {
 public:
  void assign(const RowSource& source);
  // The same in parts: the shape first, then rows from `first` on.
  void reshape(int64_t rows, int64_t cols);
  void set_rows(int64_t first, const RowSource& source);
  Bf16RowsView view() const { return {pairs_.view(), cols_}; }
  operator Bf16RowsView() const { return view(); }

 private:
  BasicMatrix<uint32_t> pairs_;
  int64_t cols_ = 0;
};

class Bf16Columns {
 public:
  void assign(const RowSource& source);
  // The same in parts, which are cut between pairs.
  void reshape(int64_t rows, int64_t cols);
  void set_rows(int64_t first, const RowSource& source);
  // The source transposed, and `padding` more columns of zeros; its factor must be 1.
  void assign_transposed(const RowSource& source, int64_t padding = 0);
  Bf16ColumnsView view() const { return {pairs_.view(), rows_}; }
  operator Bf16ColumnsView() const { return view(); }

 private:
  BasicMatrix<uint32_t> pairs_;
  int64_t rows_ = 0;
};

// A matrix both ways round, read once.
class Bf16Both {
 public:
  void reshape(int64_t rows, int64_t cols);
  // Rows from `first` on, cut between pairs.
  void set_rows(int64_t first, const RowSource& source);
  Bf16RowsView rows() const { return {by_row_.view(), cols_}; }
  Bf16ColumnsView columns() const { return {by_column_.view(), rows_}; }

 private:
  BasicMatrix<uint32_t> by_row_, by_column_;
  int64_t rows_ = 0, cols_ = 0;
};

// C = A B or C += A B.   A: [M, K]   B: [K, N]   C: [M, N]
void gemm(Bf16RowsView a, Bf16ColumnsView b, MatrixView c, Store store);

// C = A^T B or C += A^T B.   A: [K, M]   B: [K, N]   C: [M, N]
void gemm_at(Bf16ColumnsView a, Bf16ColumnsView b, MatrixView c, Store store);

}  // namespace reformer
