// Keys as a logit rule wants them: as projected, or scaled to unit length.
#pragma once

#include <span>

#include "reformer/attention/semantics.h"
#include "reformer/math/matrix.h"

namespace reformer {

// A vector below this length has no direction: its unit key is 0, and no gradient passes through
// it. (Dividing by a smallest length instead, as is common, multiplies the gradient by 1e12.)
inline constexpr float kShortestVector = 1e-12F;

// keys[t] = qk[t], or qk[t] / |qk[t]|.   qk, keys: [T, D]   inverse_norm: [T], written for unit
// keys
void keys_forward(KeyNorm norm, ConstMatrixView qk, MatrixView keys, std::span<float> inverse_norm);

// dqk += the gradient through the scaling: dk = (dkey - key (key . dkey)) / |qk|.
void keys_backward(KeyNorm norm, ConstMatrixView keys, std::span<const float> inverse_norm,
                   ConstMatrixView dkeys, MatrixView dqk);

// The factor of the logits for heads of width D.
float logit_factor(LogitScale scale, int64_t head_dim);

}  // namespace reformer
