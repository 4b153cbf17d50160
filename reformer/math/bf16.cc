#include "reformer/math/bf16.h"

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

double run_bf16_multiply_adds(int64_t rounds) {
  return bf16_is_native() ? kernels().dot_products(rounds) : 0;
}

Bf16ColumnsView Bf16ColumnsView::row_range(int64_t begin, int64_t end) const {
  REFORMER_CHECK(begin % 2 == 0 && (end % 2 == 0 || end == rows));
  return {pairs.row_range(begin / 2, pairs_of(end)), end - begin};
}

void Bf16Rows::assign(const Bf16Source& source) {
  cols_ = source.from.cols;
  kernels().pack_rows(source, pairs_.reshape(source.count, pairs_of(cols_)));
}

void Bf16Columns::assign(const Bf16Source& source) {
  rows_ = source.count;
  kernels().pack_columns(source, pairs_.reshape(pairs_of(rows_), source.from.cols));
}

void Bf16Columns::assign_transposed(const Bf16Source& source) {
  REFORMER_CHECK(source.factor == 1);
  rows_ = source.from.cols;
  kernels().pack_transposed(source, pairs_.reshape(pairs_of(rows_), source.count));
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
