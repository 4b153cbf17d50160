// Moving rows between a matrix and another order of them, and transposition.
#pragma once

#include <cstdint>
#include <span>

#include "reformer/math/matrix.h"

namespace reformer {

// to[i] = factor * from[rows[i]].   from: [*, C]   to: [n, C] with n = rows.size()
void gather_rows(ConstMatrixView from, std::span<const int32_t> rows, float factor, MatrixView to);

// to[c, i] = from[rows[i], c].   from: [*, C]   to: [C, n]
void gather_transposed(ConstMatrixView from, std::span<const int32_t> rows, MatrixView to);

// The same into a [C, n + 16] matrix whose last 16 columns are 0, so that whole vectors may be
// read from any column on.
ConstMatrixView padded_gather_transposed(ConstMatrixView from, std::span<const int32_t> rows,
                                         Matrix& to);

// to[rows[i]] += factor * from[i].   from: [n, C]   to: [*, C].  A row may occur more than once.
void scatter_add_rows(ConstMatrixView from, std::span<const int32_t> rows, float factor,
                      MatrixView to);

// to = from^T.   from: [R, C]   to: [C, R].  Must not alias.
void transpose(ConstMatrixView from, MatrixView to);

// The same into a matrix padded as above.
ConstMatrixView padded_transpose(ConstMatrixView from, Matrix& to);

}  // namespace reformer
