// Operands of products in either precision, so that code which multiplies reads the same for both.
// In fp32 an operand can be the matrix that it is made from; in bf16 it is a rounded copy, packed
// once for all its products (bf16.h).
#pragma once

#include <variant>

#include "reformer/base/team.h"
#include "reformer/math/bf16.h"
#include "reformer/math/matrix.h"
#include "reformer/math/precision.h"

namespace reformer {

// [M, K], over whose rows sums run. Owns nothing.
class LeftView {
 public:
  explicit LeftView(ConstMatrixView x) : x_(x) {}
  explicit LeftView(Bf16RowsView x) : x_(x) {}

  int64_t rows() const;
  LeftView row_range(int64_t begin, int64_t end) const;

 private:
  friend void gemm(const LeftView& a, const class RightView& b, MatrixView c, Store store);
  std::variant<ConstMatrixView, Bf16RowsView> x_;
};

// [K, N], over whose columns sums run. Owns nothing.
class RightView {
 public:
  RightView() = default;
  explicit RightView(ConstMatrixView x) : x_(x) {}
  explicit RightView(Bf16ColumnsView x) : x_(x) {}

  int64_t rows() const;
  // Both bounds even unless the end is the end of all, see bf16.h.
  RightView row_range(int64_t begin, int64_t end) const;
  RightView col_range(int64_t begin, int64_t end) const;

 private:
  friend void gemm(const LeftView& a, const RightView& b, MatrixView c, Store store);
  friend void gemm_at(const RightView& a, const RightView& b, MatrixView c, Store store);
  std::variant<ConstMatrixView, Bf16ColumnsView> x_;
};

// C = A B or C += A B, for operands of one precision.   A: [M, K]   B: [K, N]   C: [M, N]
void gemm(const LeftView& a, const RightView& b, MatrixView c, Store store);

// C = A^T B or C += A^T B.   A: [K, M]   B: [K, N]   C: [M, N]
void gemm_at(const RightView& a, const RightView& b, MatrixView c, Store store);

// The memory of operands; a view is valid until the next one is made. What a team packs has the
// same bits for any team.
class LeftOperand {
 public:
  // x itself, which must outlive the view, or rounded.
  LeftView of(ConstMatrixView x, Precision precision, const Team& team = {});
  // A copy, which outlives the source.
  LeftView copied(const RowSource& rows, Precision precision);

 private:
  Matrix fp32_;
  Bf16Rows bf16_;
};

class RightOperand {
 public:
  RightView of(ConstMatrixView x, Precision precision, const Team& team = {});
  // A copy, which outlives the source.
  RightView copied(const RowSource& rows, Precision precision);
  // A transposed copy with `padding` more columns, of zeros. The factor must be 1.
  RightView transposed(const RowSource& rows, Precision precision, int64_t padding = 0);

 private:
  Matrix fp32_;
  Bf16Columns bf16_;
};

// A matrix that is an operand both ways.
class TwoWayOperand {
 public:
  // x must outlive the views.
  void set(ConstMatrixView x, Precision precision, const Team& team = {});
  void copy(const RowSource& rows, Precision precision);
  LeftView left() const;
  RightView right() const;

 private:
  Precision precision_ = Precision::fp32;
  Matrix copy_;
  ConstMatrixView fp32_;
  Bf16Both bf16_;
};

}  // namespace reformer
