// Moving rows between a matrix and another order of them, and transposition.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>

#include "reformer/math/matrix.h"

namespace reformer {

// Rows to read: row index[i] of a matrix, or row i when there is no index, times a factor.
struct RowSource {
  template <std::convertible_to<ConstMatrixView> M>
  RowSource(const M& all) : from(all), count(from.rows) {}  // NOLINT: a matrix is a source
  RowSource(ConstMatrixView all, std::span<const int32_t> rows, float times = 1)
      : from(all), index(rows.data()), count(static_cast<int64_t>(rows.size())), factor(times) {}

  const float* row(int64_t i) const { return from.row(index == nullptr ? i : index[i]); }

  ConstMatrixView from;  // [*, C]
  const int32_t* index = nullptr;
  int64_t count = 0;  // rows
  float factor = 1;
};

// to[i] = row i of the source.   to: [n, C]
void gather_rows(const RowSource& source, MatrixView to);

// to[c, i] = row i of the source, whose factor must be 1, at c.   to: [C, n]
void gather_transposed(const RowSource& source, MatrixView to);

// to[rows[i]] += factor * from[i].   from: [n, C]   to: [*, C].  A row may occur more than once.
void scatter_add_rows(ConstMatrixView from, std::span<const int32_t> rows, float factor,
                      MatrixView to);

}  // namespace reformer
