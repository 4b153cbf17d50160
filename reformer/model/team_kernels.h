// What a layer does with whole matrices, cut for a team where a cut changes no bit.
#pragma once

#include <span>
#include <vector>

#include "reformer/base/team.h"
#include "reformer/math/operand.h"
#include "reformer/model/dropout.h"
#include "reformer/model/gradients.h"
#include "reformer/model/layer_weights.h"

namespace reformer {

// part(begin, end) for rows that do not know of each other.
template <class Part>
void split_rows(const Team& team, int64_t rows, const Part& part) {
  constexpr int64_t kGrain = 64;
  team.split(rows, kGrain, 4, part);
}

// part(begin, end) for columns of sums over many rows. A grain is a multiple of every vector, and
// few parts are best: each reads all rows.
template <class Part>
void split_columns(const Team& team, int64_t columns, const Part& part) {
  constexpr int64_t kGrain = 16;
  team.split(columns, kGrain, 1, part);
}

// As gemm() and gemm_at().
void gemm(const Team& team, const LeftView& a, const RightView& b, MatrixView c, Store store);
void gemm_at(const Team& team, const RightView& a, const RightView& b, MatrixView c, Store store);

// to = from, row by row.
void copy_rows(const Team& team, ConstMatrixView from, MatrixView to);

// x = 0.
void clear_rows(const Team& team, MatrixView x);

// to += from, row by row.
void add_rows(const Team& team, ConstMatrixView from, MatrixView to);

// x += bias in every row.
void add_bias(const Team& team, std::span<const float> bias, MatrixView x);

// sums += the rows of x, one after the other.
void add_column_sums(const Team& team, ConstMatrixView x, std::span<float> sums);

// As layer_norm_forward() and layer_norm_backward(); `normal` and `inverse_std` get x's shape.
void normalise(const Team& team, const NormWeights& weights, double epsilon, ConstMatrixView x,
               Matrix& normal, std::vector<float>& inverse_std, MatrixView y);
void normalise_backward(const Team& team, const NormWeights& weights, ConstMatrixView normal,
                        std::span<const float> inverse_std, ConstMatrixView dy, MatrixView dx,
                        NormGradients& gradients);

// As in dropout.h.
void apply_dropout(const Team& team, const PassContext& context, int64_t layer, DropoutSite site,
                   int64_t first_row, MatrixView x);

}  // namespace reformer
