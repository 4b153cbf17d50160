// The end of two residual streams: one matrix that the final norm and the output read.
#pragma once

#include "reformer/base/team.h"
#include "reformer/math/matrix.h"
#include "reformer/model/config.h"

namespace reformer {

// end = (g + x) / 2 or [g, x].   g, x: [M, C]   end: [M, C] or [M, 2 C], must not alias.
// The mean is reformer-pytorch's, the concatenation Hugging Face's.
void merge_streams(const Team& team, StreamMerge merge, ConstMatrixView g, ConstMatrixView x,
                   MatrixView end);

// dg, dx: overwritten.
void merge_streams_backward(const Team& team, StreamMerge merge, ConstMatrixView dend,
                            MatrixView dg, MatrixView dx);

}  // namespace reformer
