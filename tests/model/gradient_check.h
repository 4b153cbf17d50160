// Production against reference: the loss and all gradients of one case, on every instruction set.
#pragma once

#include "tests/model/model_case.h"

namespace reformer::test {

// The reference's gradient comes from central differences with the plans of the production pass
// frozen: along random coordinates of every parameter, and along one direction that moves all.
// `logit_error` is how far rounding may move a logit beyond what a dot product does: published
// constants like -1e6 leave float no room beside them.
void check_gradient(const ModelCase& c, double logit_error = 0,
                    const reference::DropoutMask& mask = {});

// The same in bf16. The reference rounds operands where production does, by amounts that stay as
// they were at the first evaluation, so that differences see through them: its forward pass is that
// of production, and what is left between the two gradients is the rounding of gradients on their
// way back.
void check_bf16_gradient(const ModelCase& c);

// All constants so far apart that e^-constant vanishes, and yet so small that float holds a logit
// beside them: the same meaning with exact arithmetic.
AttentionSemantics with_gentle_constants(AttentionSemantics semantics);

// The largest constant of the rules that `choice` attends by.
double largest_constant(const AttentionChoice& choice);

}  // namespace reformer::test
