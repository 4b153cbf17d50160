#include "reformer/attention/keys.h"

#include <cmath>

#include "reformer/math/rows.h"

namespace reformer {

float key_factor(KeyNorm norm, const float* x, int64_t head_dim) {
  if (norm == KeyNorm::none) return 1;
  const float length = std::sqrt(row_dot(x, x, head_dim));
  return length < kShortestVector ? 0 : 1 / length;
}

void key_factors(KeyNorm norm, ConstMatrixView qk, std::span<float> factors) {
  for (int64_t t = 0; t < qk.rows; ++t) {
    factors[static_cast<size_t>(t)] = key_factor(norm, qk.row(t), qk.cols);
  }
}

void keys_forward(ConstMatrixView qk, std::span<const float> factors, MatrixView keys) {
  for (int64_t t = 0; t < qk.rows; ++t) {
    row_scale(keys.row(t), qk.row(t), factors[static_cast<size_t>(t)], qk.cols);
  }
}

void keys_backward(KeyNorm norm, ConstMatrixView keys, std::span<const float> factors,
                   ConstMatrixView dkeys, MatrixView dqk) {
  for (int64_t t = 0; t < keys.rows; ++t) {
    if (norm == KeyNorm::none) {
      row_add_scaled(dqk.row(t), dkeys.row(t), 1, keys.cols);
      continue;
    }
    const float factor = factors[static_cast<size_t>(t)];
    const float along = row_dot(keys.row(t), dkeys.row(t), keys.cols);
    row_add_scaled(dqk.row(t), dkeys.row(t), factor, keys.cols);
    row_add_scaled(dqk.row(t), keys.row(t), -along * factor, keys.cols);
  }
}

float logit_factor(LogitScale scale, int64_t head_dim) {
  return scale == LogitScale::one ? 1.0F : 1.0F / std::sqrt(static_cast<float>(head_dim));
}

}  // namespace reformer
