#include "reformer/model/embedding.h"

#include "reformer/base/error.h"
#include "reformer/math/rows.h"
#include "reformer/model/dropout.h"

namespace reformer {

void embedding_forward(const Weights& weights, const PassContext& context, const Example& example,
                       MatrixView x) {
  const ConstMatrixView tokens = weights.token_embedding();
  const ConstMatrixView positions = weights.position_rows();
  const auto scale = static_cast<float>(weights.config().embedding_scale);
  for (int64_t t = 0; t < x.rows; ++t) {
    const int32_t token = example.inputs[static_cast<size_t>(t)];
    if (token < 0 || token >= tokens.rows) {
      fail("model", "expected tokens below the vocabulary {}, found {} at position {}", tokens.rows,
           token, t);
    }
    row_scale(x.row(t), tokens.row(token), scale, x.cols);
    if (positions.rows > 0) row_add_scaled(x.row(t), positions.row(t), 1, x.cols);
  }
  apply_dropout(context, 0, DropoutSite::embedding, 0, x);
}

void embedding_backward(const Weights& weights, const PassContext& context, const Example& example,
                        MatrixView dx, Gradients& gradients) {
  const auto scale = static_cast<float>(weights.config().embedding_scale);
  apply_dropout(context, 0, DropoutSite::embedding, 0, dx);
  const MatrixView first = gradients.first_positions;
  const MatrixView second = gradients.second_positions;
  for (int64_t t = 0; t < dx.rows; ++t) {
    const float* d = dx.row(t);
    const int32_t token = example.inputs[static_cast<size_t>(t)];
    row_add_scaled(gradients.token_embedding.row(token), d, scale, dx.cols);
    if (gradients.positions.rows > 0) row_add_scaled(gradients.positions.row(t), d, 1, dx.cols);
    if (second.rows > 0) {
      row_add_scaled(first.row(t / second.rows), d, 1, first.cols);
      row_add_scaled(second.row(t % second.rows), d + first.cols, 1, second.cols);
    }
  }
}

}  // namespace reformer
