// Products of matrices that fit in cache. One thread; any shape and stride; the result of an
// element depends on its row of A and column of B only, never on the shape of the call, so blocking
// a product differently gives the same bits.
#pragma once

#include "reformer/math/matrix.h"

namespace reformer {

enum class Store { overwrite, accumulate };

// C = A B or C += A B.   A: [M, K]   B: [K, N]   C: [M, N].  C must not alias A or B.
void gemm(ConstMatrixView a, ConstMatrixView b, MatrixView c, Store store);

// C = A^T B or C += A^T B.   A: [K, M]   B: [K, N]   C: [M, N].  C must not alias A or B.
void gemm_at(ConstMatrixView a, ConstMatrixView b, MatrixView c, Store store);

namespace internal {
// Steps in memory of one product: in A to the next row of C and to the next term of the sum.
struct ProductStrides {
  int64_t a_row, a_col, b, c;
};

// Whether a product over k terms needs no kernel: it has no elements, or no terms and so is zero,
// which is then done.
bool is_trivial_product(int64_t k, MatrixView c, Store store);
}  // namespace internal

}  // namespace reformer
