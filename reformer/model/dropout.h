// Dropout without stored masks: what is dropped follows from the context, so the backward pass
// draws it again.
#pragma once

#include "reformer/math/matrix.h"
#include "reformer/model/pass_context.h"

namespace reformer {

// Where in a layer activations are dropped.
enum class DropoutSite : uint32_t { embedding, attention, feed_forward };

// Zeroes elements with probability context.dropout and scales the others by 1 / (1 - p); the
// gradient is treated in the same way.   Srivastava et al. 2014.
void apply_dropout(const PassContext& context, int64_t layer, DropoutSite site, MatrixView x);

}  // namespace reformer
