// Full attention with one shared query-key projection.
#pragma once

#include <span>

#include "reformer/attention/head_input.h"
#include "reformer/attention/semantics.h"
#include "reformer/attention/workspace.h"
#include "reformer/math/matrix.h"

namespace reformer {

// out: [M, D] with M = queries.size()   totals: [M], what the softmax of each row divides by
// out must not alias the input. Memory is linear in T: keys are taken block by block.
// Kitaev et al. 2020, section 2; the meanings are in semantics.h.
void full_forward(const LogitRule& rule, const HeadInput& in, MatrixView out,
                  std::span<SoftmaxTotal> totals, AttentionWorkspace& work);

// dout: [M, D]   dqk, dv: [T, D], added to.  `out` and `totals` are those of full_forward.
void full_backward(const LogitRule& rule, const HeadInput& in, ConstMatrixView out,
                   std::span<const SoftmaxTotal> totals, ConstMatrixView dout, MatrixView dqk,
                   MatrixView dv, AttentionWorkspace& work);

}  // namespace reformer
