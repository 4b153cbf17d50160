// Attention restricted by locality-sensitive hashing, for one plan.
#pragma once

#include <span>

#include "reformer/attention/head_input.h"
#include "reformer/attention/plan.h"
#include "reformer/attention/semantics.h"
#include "reformer/attention/workspace.h"
#include "reformer/math/matrix.h"

namespace reformer {

// Each query attends, in every round, to the keys of its own chunk and of the one before; the
// rounds are combined into one softmax.
// out: [M, D] with M = queries.size()   totals: [M], over all rounds
// out must not alias the input. Memory is linear in T. Kitaev et al. 2020, section 2; the meanings
// are in semantics.h.
void lsh_forward(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
                 MatrixView out, std::span<SoftmaxTotal> totals, AttentionWorkspace& work);

// dout: [M, D]   dqk, dv: [T, D], added to.  `out` and `totals` are those of lsh_forward under the
// same plan. No gradient flows through the hash.
void lsh_backward(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
                  ConstMatrixView out, std::span<const SoftmaxTotal> totals, ConstMatrixView dout,
                  MatrixView dqk, MatrixView dv, AttentionWorkspace& work);

}  // namespace reformer
