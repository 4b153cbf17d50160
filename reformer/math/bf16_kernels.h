// What a kind of CPU has to offer for bf16.h.
#pragma once

#include "reformer/math/bf16.h"

namespace reformer::internal {

struct Bf16Kernels {
  // C[m, n] (+)= sum over `pairs` of A(i, p) . B(p, j), strides in pairs; no dimension is 0.
  void (*product)(const uint32_t* a, const uint32_t* b, float* c, const ProductStrides& strides,
                  int64_t m, int64_t n, int64_t pairs, bool accumulate);
  // to: [count, ceil(C / 2)]
  void (*pack_rows)(const RowSource& source, BasicMatrixView<uint32_t> to);
  // to: [ceil(count / 2), C]
  void (*pack_columns)(const RowSource& source, BasicMatrixView<uint32_t> to);
  // to: [ceil(C / 2), count]
  void (*pack_transposed)(const RowSource& source, BasicMatrixView<uint32_t> to);
  // Rows and columns at once.
  void (*pack_both)(const RowSource& source, BasicMatrixView<uint32_t> rows,
                    BasicMatrixView<uint32_t> columns);
  // See bf16.h.
  void (*round)(const float* x, float* y, int64_t n);
  // See peak.h; null where no instruction does it.
  double (*dot_products)(int64_t rounds);
};

// Plain C++, for any CPU.
extern const Bf16Kernels kPortableBf16;

// Null where this build has none or the CPU cannot run them.
const Bf16Kernels* avx512_bf16();

}  // namespace reformer::internal
