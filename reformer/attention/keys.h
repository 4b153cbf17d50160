// Keys as a logit rule wants them: as projected, or scaled to unit length.
#pragma once

#include <span>

#include "reformer/attention/semantics.h"
#include "reformer/math/matrix.h"

namespace reformer {

// A vector below this length has no direction: its unit key is 0, and no gradient passes through
// it. (Dividing by a smallest length instead, as is common, multiplies the gradient by 1e12.)
inline constexpr float kShortestVector = 1e-12F;

// 1, or 1 / |x| for unit keys.   x: [D]
float key_factor(KeyNorm norm, const float* x, int64_t head_dim);

// factors[t] = 1, or 1 / |qk[t]| for unit keys.   qk: [T, D]   factors: [T]
void key_factors(KeyNorm norm, ConstMatrixView qk, std::span<float> factors);

// keys[t] = factors[t] * qk[t].   qk, keys: [T, D]
void keys_forward(ConstMatrixView qk, std::span<const float> factors, MatrixView keys);

// dqk += the gradient through the scaling: dk = (dkey - key (key . dkey)) / |qk|.
void keys_backward(KeyNorm norm, ConstMatrixView keys, std::span<const float> factors,
                   ConstMatrixView dkeys, MatrixView dqk);

// The factor of the logits for heads of width D.
float logit_factor(LogitScale scale, int64_t head_dim);

}  // namespace reformer
