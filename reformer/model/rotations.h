// The random rotations that LSH attention hashes by.
#pragma once

#include "reformer/math/matrix.h"
#include "reformer/model/pass_context.h"

namespace reformer {

// R ~ N(0, 1) of shape [D, rounds * directions], round by round. Which of step, head and example
// tell rotations apart is the semantics' choice; layers and rounds always do. Round r does not
// depend on the number of rounds.   rotations: reshaped
void draw_rotations(const PassContext& context, int64_t layer, int64_t head, int64_t head_dim,
                    Matrix& rotations);

}  // namespace reformer
