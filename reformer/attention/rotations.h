// The random rotations that hashing projects on.
#pragma once

#include <cstdint>

#include "reformer/attention/plan.h"
#include "reformer/base/random.h"
#include "reformer/math/matrix.h"

namespace reformer {

// R ~ N(0, 1) of shape [D, rounds * directions], round by round: round r is what the stream `key`
// with its round set to r holds, so it does not depend on the number of rounds.   rotations:
// reshaped
void fill_rotations(StreamKey key, int64_t head_dim, int64_t rounds, Buckets buckets,
                    Matrix& rotations);

}  // namespace reformer
