// The arithmetic of bf16.h in plain C++, pair by pair as the CPU's dot product does it.
#include <bit>
#include <cmath>

#include "reformer/math/bf16_kernels.h"

namespace reformer::internal {
namespace {

// A product of two bf16 is exact in float, so rounding happens in the additions only.
void product(const uint32_t* a, const uint32_t* b, float* c, const ProductStrides& s, int64_t m,
             int64_t n, int64_t pairs, bool accumulate) {
  for (int64_t i = 0; i < m; ++i) {
    float* c_i = c + i * s.c;
    if (!accumulate) std::fill_n(c_i, n, 0.0F);
    for (int64_t p = 0; p < pairs; ++p) {
      const uint32_t factor = a[i * s.a_row + p * s.a_col];
      const float first = std::bit_cast<float>(factor << 16);
      const float second = std::bit_cast<float>(factor & 0xffff0000U);
      const uint32_t* b_p = b + p * s.b;
      for (int64_t j = 0; j < n; ++j) {
        const float sum = c_i[j] + second * std::bit_cast<float>(b_p[j] & 0xffff0000U);
        c_i[j] = sum + first * std::bit_cast<float>(b_p[j] << 16);
      }
    }
  }
}

uint32_t pair(float first, float second) {
  return to_bf16(first) | static_cast<uint32_t>(to_bf16(second)) << 16;
}

// Element c of a row, or zero past its end.
float element(const RowSource& source, const float* row, int64_t c) {
  return c < source.from.cols ? row[c] * source.factor : 0;
}

void pack_rows(const RowSource& source, BasicMatrixView<uint32_t> to) {
  for (int64_t i = 0; i < to.rows; ++i) {
    const float* row = source.row(i);
    for (int64_t p = 0; p < to.cols; ++p) {
      to.row(i)[p] = pair(element(source, row, 2 * p), element(source, row, 2 * p + 1));
    }
  }
}

void pack_columns(const RowSource& source, BasicMatrixView<uint32_t> to) {
  for (int64_t p = 0; p < to.rows; ++p) {
    const float* first = source.row(2 * p);
    const float* second = 2 * p + 1 < source.count ? source.row(2 * p + 1) : nullptr;
    for (int64_t c = 0; c < to.cols; ++c) {
      to.row(p)[c] =
          pair(first[c] * source.factor, second == nullptr ? 0 : second[c] * source.factor);
    }
  }
}

void pack_transposed(const RowSource& source, BasicMatrixView<uint32_t> to) {
  for (int64_t i = 0; i < to.cols; ++i) {
    const float* row = source.row(i);
    for (int64_t p = 0; p < to.rows; ++p) {
      to.row(p)[i] = pair(element(source, row, 2 * p), element(source, row, 2 * p + 1));
    }
  }
}

void pack_both(const RowSource& source, BasicMatrixView<uint32_t> rows,
               BasicMatrixView<uint32_t> columns) {
  pack_rows(source, rows);
  pack_columns(source, columns);
}

void round(const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = from_bf16(to_bf16(x[i]));
}

}  // namespace

const Bf16Kernels kPortableBf16 = {product,   pack_rows, pack_columns, pack_transposed,
                                   pack_both, round,     nullptr};

}  // namespace reformer::internal
