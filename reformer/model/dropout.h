// Dropout without stored masks: what is dropped follows from the context, so the backward pass
// draws it again.
#pragma once

#include "reformer/math/matrix.h"
#include "reformer/model/pass_context.h"

namespace reformer {

// Where in a layer activations are dropped.
enum class DropoutSite : uint32_t { embedding, attention, feed_forward };

// Zeroes elements with probability context.dropout and scales the others by 1 / (1 - p); the
// gradient is treated in the same way. x holds the rows from `first_row` of the sequence on: what
// is dropped at a position does not depend on which rows are computed.   Srivastava et al. 2014.
void apply_dropout(const PassContext& context, int64_t layer, DropoutSite site, int64_t first_row,
                   MatrixView x);

}  // namespace reformer
