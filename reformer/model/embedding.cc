#include "reformer/model/embedding.h"

#include "reformer/base/error.h"
#include "reformer/math/rows.h"
#include "reformer/model/dropout.h"
#include "reformer/model/team_kernels.h"

namespace reformer {

void embedding_forward(const Team& team, const Weights& weights, const PassContext& context,
                       const Example& example, MatrixView x) {
  const ConstMatrixView tokens = weights.token_embedding();
  const ConstMatrixView positions = weights.position_rows();
  const auto scale = static_cast<float>(weights.config().embedding_scale);
  split_rows(team, x.rows, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      const int32_t token = example.inputs[static_cast<size_t>(t)];
      if (token < 0 || token >= tokens.rows) {
        fail("model", "expected tokens below the vocabulary {}, found {} at position {}",
             tokens.rows, token, t);
      }
      row_scale(x.row(t), tokens.row(token), scale, x.cols);
      if (positions.rows > 0) row_add_scaled(x.row(t), positions.row(t), 1, x.cols);
    }
  });
  apply_dropout(team, context, 0, DropoutSite::embedding, 0, x);
}

void embedding_backward(const Team& team, const Weights& weights, const PassContext& context,
                        const Example& example, MatrixView dx, Gradients& gradients) {
  const auto scale = static_cast<float>(weights.config().embedding_scale);
  apply_dropout(team, context, 0, DropoutSite::embedding, 0, dx);
  // Columns, for rows may have their token in common.
  split_columns(team, dx.cols, [&](int64_t begin, int64_t end) {
    const auto add = [&](MatrixView to, int64_t row, int64_t t, float factor) {
      row_add_scaled(to.row(row) + begin, dx.row(t) + begin, factor, end - begin);
    };
    for (int64_t t = 0; t < dx.rows; ++t) {
      add(gradients.token_embedding, example.inputs[static_cast<size_t>(t)], t, scale);
      if (gradients.positions.rows > 0) add(gradients.positions, t, t, 1);
    }
  });
  const MatrixView first = gradients.first_positions;
  const MatrixView second = gradients.second_positions;
  if (second.rows == 0) return;
  for (int64_t t = 0; t < dx.rows; ++t) {
    row_add_scaled(first.row(t / second.rows), dx.row(t), 1, first.cols);
    row_add_scaled(second.row(t % second.rows), dx.row(t) + dx.cols - second.cols, 1, second.cols);
  }
}

}  // namespace reformer
