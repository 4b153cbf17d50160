#include "reformer/math/bf16.h"

#include <algorithm>
#include <bit>

#include "reformer/base/error.h"
#include "reformer/math/bf16_kernels.h"
#include "reformer/math/peak.h"
#include "reformer/math/target.h"

namespace reformer {
namespace {

const internal::Bf16Kernels& kernels() {
  return bf16_is_native() ? *internal::avx512_bf16() : internal::kPortableBf16;
}

int64_t pairs_of(int64_t terms) { return (terms + 1) / 2; }

void multiply(const BasicMatrixView<const uint32_t>& a, int64_t a_row, int64_t a_col,
              const Bf16ColumnsView& b, MatrixView c, Store store) {
  if (internal::is_trivial_product(b.rows, c, store)) return;
  kernels().product(a.data, b.pairs.data, c.data, {a_row, a_col, b.pairs.stride, c.stride}, c.rows,
                    c.cols, b.pairs.rows, store == Store::accumulate);
}

}  // namespace

uint16_t to_bf16(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  const uint32_t magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return static_cast<uint16_t>(bits >> 16 | 0x40U);  // a quiet NaN
  if (magnitude < 0x00800000U) return static_cast<uint16_t>(bits >> 16 & 0x8000U);
  return static_cast<uint16_t>((bits + 0x7fffU + (bits >> 16 & 1U)) >> 16);
}

float from_bf16(uint16_t x) { return std::bit_cast<float>(static_cast<uint32_t>(x) << 16); }

bool bf16_is_native() { return target_is_avx512() && internal::avx512_bf16() != nullptr; }

void round_to_bf16(const float* x, float* y, int64_t n) { kernels().round(x, y, n); }

double run_bf16_multiply_adds(int64_t rounds) {
  return bf16_is_native() ? kernels().dot_products(rounds) : 0;
}

Bf16ColumnsView Bf16ColumnsView::row_range(int64_t begin, int64_t end) const {
  REFORMER_CHECK(begin % 2 == 0 && (end % 2 == 0 || end == rows));
  return {pairs.row_range(begin / 2, pairs_of(end)), end - begin};
}

void Bf16Rows::reshape(int64_t rows, int64_t cols) {
  cols_ = cols;
  pairs_.reshape(rows, pairs_of(cols));
}

void Bf16Rows::set_rows(int64_t first, const RowSource& source) {
  REFORMER_CHECK(source.from.cols == cols_);
  kernels().pack_rows(source, pairs_.view().row_range(first, first + source.count));
}

void Bf16Rows::assign(const RowSource& source) {
  reshape(source.count, source.from.cols);
  set_rows(0, source);
}

void Bf16Columns::reshape(int64_t rows, int64_t cols) {
  rows_ = rows;
  pairs_.reshape(pairs_of(rows), cols);
}

void Bf16Columns::set_rows(int64_t first, const RowSource& source) {
  const int64_t last = first + source.count;
  REFORMER_CHECK(source.from.cols == pairs_.cols() && last <= rows_);
  REFORMER_CHECK(first % 2 == 0 && (last % 2 == 0 || last == rows_));
  kernels().pack_columns(source, pairs_.view().row_range(first / 2, pairs_of(last)));
}

void Bf16Columns::assign(const RowSource& source) {
  reshape(source.count, source.from.cols);
  set_rows(0, source);
}

void Bf16Columns::assign_transposed(const RowSource& source, int64_t padding) {
  REFORMER_CHECK(source.factor == 1);
  reshape(source.from.cols, source.count + padding);
  const BasicMatrixView<uint32_t> pairs = pairs_.view();
  kernels().pack_transposed(source, pairs.col_range(0, source.count));
  for (int64_t r = 0; r < pairs.rows; ++r) std::fill_n(pairs.row(r) + source.count, padding, 0U);
}

void Bf16Both::reshape(int64_t rows, int64_t cols) {
  rows_ = rows;
  cols_ = cols;
  by_row_.reshape(rows, pairs_of(cols));
  by_column_.reshape(pairs_of(rows), cols);
}

void Bf16Both::set_rows(int64_t first, const RowSource& source) {
  const int64_t last = first + source.count;
  REFORMER_CHECK(source.from.cols == cols_ && last <= rows_);
  REFORMER_CHECK(first % 2 == 0 && (last % 2 == 0 || last == rows_));
  kernels().pack_both(source, by_row_.view().row_range(first, last),
                      by_column_.view().row_range(first / 2, pairs_of(last)));
}

void gemm(Bf16RowsView a, Bf16ColumnsView b, MatrixView c, Store store) {
  REFORMER_CHECK(a.rows() == c.rows && a.cols == b.rows && b.cols() == c.cols);
  multiply(a.pairs, a.pairs.stride, 1, b, c, store);
}

void gemm_at(Bf16ColumnsView a, Bf16ColumnsView b, MatrixView c, Store store) {
  REFORMER_CHECK(a.cols() == c.rows && a.rows == b.rows && b.cols() == c.cols);
  multiply(a.pairs, 1, a.pairs.stride, b, c, store);
}

}  // namespace reformer
