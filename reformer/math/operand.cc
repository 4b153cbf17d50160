#include "reformer/math/operand.h"

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/math/gather.h"

namespace reformer {
namespace {

constexpr int64_t kGrain = 64;  // rows that one of a team packs; even, for pairs of them

// What the alternative of `view` gives; both alternatives give the same type.
template <class View, class F>
View map(const auto& view, const F& f) {
  return std::visit([&](const auto& x) { return View(f(x)); }, view);
}

// Rounds x into `packed`, by all of the team.
template <class Packed>
void pack(ConstMatrixView x, const Team& team, Packed& packed) {
  packed.reshape(x.rows, x.cols);
  team.split(x.rows, kGrain, 4,
             [&](int64_t begin, int64_t end) { packed.set_rows(begin, x.row_range(begin, end)); });
}

MatrixView gathered(const RowSource& rows, Matrix& memory) {
  const MatrixView copy = memory.reshape(rows.count, rows.from.cols);
  gather_rows(rows, copy);
  return copy;
}

}  // namespace

int64_t LeftView::rows() const {
  const auto* bf16 = std::get_if<Bf16RowsView>(&x_);
  return bf16 != nullptr ? bf16->rows() : std::get<ConstMatrixView>(x_).rows;
}

LeftView LeftView::row_range(int64_t begin, int64_t end) const {
  return map<LeftView>(x_, [&](const auto& x) { return x.row_range(begin, end); });
}

int64_t RightView::rows() const {
  return std::visit([](const auto& x) { return x.rows; }, x_);
}

RightView RightView::row_range(int64_t begin, int64_t end) const {
  return map<RightView>(x_, [&](const auto& x) { return x.row_range(begin, end); });
}

RightView RightView::col_range(int64_t begin, int64_t end) const {
  return map<RightView>(x_, [&](const auto& x) { return x.col_range(begin, end); });
}

void gemm(const LeftView& a, const RightView& b, MatrixView c, Store store) {
  REFORMER_CHECK(a.x_.index() == b.x_.index());
  if (const auto* packed = std::get_if<Bf16RowsView>(&a.x_)) {
    return gemm(*packed, std::get<Bf16ColumnsView>(b.x_), c, store);
  }
  gemm(std::get<ConstMatrixView>(a.x_), std::get<ConstMatrixView>(b.x_), c, store);
}

void gemm_at(const RightView& a, const RightView& b, MatrixView c, Store store) {
  REFORMER_CHECK(a.x_.index() == b.x_.index());
  if (const auto* packed = std::get_if<Bf16ColumnsView>(&a.x_)) {
    return gemm_at(*packed, std::get<Bf16ColumnsView>(b.x_), c, store);
  }
  gemm_at(std::get<ConstMatrixView>(a.x_), std::get<ConstMatrixView>(b.x_), c, store);
}

LeftView LeftOperand::of(ConstMatrixView x, Precision precision, const Team& team) {
  if (precision == Precision::fp32) return LeftView(x);
  pack(x, team, bf16_);
  return LeftView(bf16_.view());
}

LeftView LeftOperand::copied(const RowSource& rows, Precision precision) {
  if (precision == Precision::bf16) {
    bf16_.assign(rows);
    return LeftView(bf16_.view());
  }
  return LeftView(gathered(rows, fp32_));
}

RightView RightOperand::of(ConstMatrixView x, Precision precision, const Team& team) {
  if (precision == Precision::fp32) return RightView(x);
  pack(x, team, bf16_);
  return RightView(bf16_.view());
}

RightView RightOperand::copied(const RowSource& rows, Precision precision) {
  if (precision == Precision::bf16) {
    bf16_.assign(rows);
    return RightView(bf16_.view());
  }
  return RightView(gathered(rows, fp32_));
}

RightView RightOperand::transposed(const RowSource& rows, Precision precision, int64_t padding) {
  if (precision == Precision::bf16) {
    bf16_.assign_transposed(rows, padding);
    return RightView(bf16_.view());
  }
  const MatrixView copy = fp32_.reshape(rows.from.cols, rows.count + padding);
  gather_transposed(rows, copy.col_range(0, rows.count));
  for (int64_t r = 0; r < copy.rows; ++r) std::fill_n(copy.row(r) + rows.count, padding, 0.0F);
  return RightView(copy);
}

void TwoWayOperand::set(ConstMatrixView x, Precision precision, const Team& team) {
  precision_ = precision;
  fp32_ = x;
  if (precision == Precision::fp32) return;
  pack(x, team, bf16_);
}

void TwoWayOperand::copy(const RowSource& rows, Precision precision) {
  precision_ = precision;
  if (precision == Precision::bf16) {
    bf16_.reshape(rows.count, rows.from.cols);
    return bf16_.set_rows(0, rows);
  }
  fp32_ = gathered(rows, copy_);
}

LeftView TwoWayOperand::left() const {
  return precision_ == Precision::fp32 ? LeftView(fp32_) : LeftView(bf16_.rows());
}

RightView TwoWayOperand::right() const {
  return precision_ == Precision::fp32 ? RightView(fp32_) : RightView(bf16_.columns());
}

}  // namespace reformer
