// The choice of a bucket.
#pragma once

#include <cstdint>

#include "reformer/math/matrix.h"

namespace reformer {

// at[i] = argmax over [x ; -x] of column i, the first of equals: j where x[j, i] is largest, J + j
// where -x[j, i] is. A NaN in the first row chooses 0, any other is never chosen.
// x: [J, n] with J >= 1   at: [n]
void argmax_of_both_signs(ConstMatrixView x, int32_t* at);

}  // namespace reformer
