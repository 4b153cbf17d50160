// Token and position embeddings.
#pragma once

#include "reformer/base/team.h"
#include "reformer/math/matrix.h"
#include "reformer/model/gradients.h"
#include "reformer/model/pass_context.h"
#include "reformer/model/weights.h"

namespace reformer {

// x[t] = scale * token[inputs[t]] + position[t], then dropout.   x: [T, C]
// Throws Error for a token outside of the vocabulary.
void embedding_forward(const Team& team, const Weights& weights, const PassContext& context,
                       const Example& example, MatrixView x);

// dx is used up; gradients are added to.
void embedding_backward(const Team& team, const Weights& weights, const PassContext& context,
                        const Example& example, MatrixView dx, Gradients& gradients);

}  // namespace reformer
