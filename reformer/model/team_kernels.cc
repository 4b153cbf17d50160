#include "reformer/model/team_kernels.h"

#include <algorithm>

#include "reformer/math/layer_norm.h"
#include "reformer/math/rows.h"

namespace reformer {
namespace {

template <class T>
std::span<T> part_of(std::span<T> all, int64_t begin, int64_t end) {
  return all.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
}

}  // namespace

void gemm(const Team& team, const LeftView& a, const RightView& b, MatrixView c, Store store) {
  split_rows(team, c.rows, [&](int64_t begin, int64_t end) {
    gemm(a.row_range(begin, end), b, c.row_range(begin, end), store);
  });
}

void gemm_at(const Team& team, const RightView& a, const RightView& b, MatrixView c, Store store) {
  split_columns(team, c.rows, [&](int64_t begin, int64_t end) {
    gemm_at(a.col_range(begin, end), b, c.row_range(begin, end), store);
  });
}

void copy_rows(const Team& team, ConstMatrixView from, MatrixView to) {
  split_rows(team, to.rows, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) row_scale(to.row(r), from.row(r), 1, to.cols);
  });
}

void clear_rows(const Team& team, MatrixView x) {
  split_rows(team, x.rows, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) std::fill_n(x.row(r), x.cols, 0.0F);
  });
}

void add_rows(const Team& team, ConstMatrixView from, MatrixView to) {
  split_rows(team, to.rows, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) row_add_scaled(to.row(r), from.row(r), 1, to.cols);
  });
}

void add_bias(const Team& team, std::span<const float> bias, MatrixView x) {
  split_rows(team, x.rows, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) row_add_scaled(x.row(r), bias.data(), 1, x.cols);
  });
}

void add_column_sums(const Team& team, ConstMatrixView x, std::span<float> sums) {
  split_columns(team, x.cols, [&](int64_t begin, int64_t end) {
    for (int64_t r = 0; r < x.rows; ++r) {
      row_add_scaled(sums.data() + begin, x.row(r) + begin, 1, end - begin);
    }
  });
}

void normalise(const Team& team, const NormWeights& weights, double epsilon, ConstMatrixView x,
               Matrix& normal, std::vector<float>& inverse_std, MatrixView y) {
  inverse_std.resize(static_cast<size_t>(x.rows));
  const MatrixView all_normal = normal.reshape(x.rows, x.cols);
  split_rows(team, x.rows, [&](int64_t begin, int64_t end) {
    layer_norm_forward(x.row_range(begin, end), weights.gain, weights.bias,
                       static_cast<float>(epsilon), all_normal.row_range(begin, end),
                       part_of(std::span(inverse_std), begin, end), y.row_range(begin, end));
  });
}

void normalise_backward(const Team& team, const NormWeights& weights, ConstMatrixView normal,
                        std::span<const float> inverse_std, ConstMatrixView dy, MatrixView dx,
                        NormGradients& gradients) {
  if (team.size() == 1) {
    layer_norm_backward(dy, normal, inverse_std, weights.gain, dx, gradients.gain, gradients.bias);
    return;
  }
  // The sums over rows first, for dx may take the place of dy.
  split_columns(team, dy.cols, [&](int64_t begin, int64_t end) {
    layer_norm_parameter_backward(dy.col_range(begin, end), normal.col_range(begin, end),
                                  part_of(gradients.gain, begin, end),
                                  part_of(gradients.bias, begin, end));
  });
  split_rows(team, dy.rows, [&](int64_t begin, int64_t end) {
    std::vector<float> added_above(static_cast<size_t>(2 * dy.cols));
    layer_norm_backward(dy.row_range(begin, end), normal.row_range(begin, end),
                        part_of(inverse_std, begin, end), weights.gain, dx.row_range(begin, end),
                        part_of(std::span(added_above), 0, dy.cols),
                        part_of(std::span(added_above), dy.cols, 2 * dy.cols));
  });
}

void apply_dropout(const Team& team, const PassContext& context, int64_t layer, DropoutSite site,
                   int64_t first_row, MatrixView x) {
  split_rows(team, x.rows, [&](int64_t begin, int64_t end) {
    apply_dropout(context, layer, site, first_row + begin, x.row_range(begin, end));
  });
}

}  // namespace reformer
