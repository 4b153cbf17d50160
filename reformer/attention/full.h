// Full attention with one shared query-key projection.
#pragma once

#include <cstdint>
#include <span>

#include "reformer/attention/semantics.h"
#include "reformer/attention/workspace.h"
#include "reformer/math/matrix.h"

namespace reformer {

// What one head attends with. Views may have any stride.
struct HeadInput {
  ConstMatrixView qk;              // [T, D] shared queries and keys
  ConstMatrixView v;               // [T, D]
  std::span<const uint8_t> valid;  // [T] 0 for padding, which only itself may attend to; or empty
  QueryRange queries;              // rows whose output is wanted
  bool causal = true;
};

// out: [M, D] with M = queries.size()   lse: [M], natural log of the sum of e^logit
// out must not alias the input. Memory is linear in T.
// Kitaev et al. 2020, section 2; the meanings are in semantics.h.
void full_forward(const LogitRule& rule, const HeadInput& in, MatrixView out, std::span<float> lse,
                  AttentionWorkspace& work);

// dout: [M, D]   dqk, dv: [T, D], added to.  `out` and `lse` are those of full_forward.
void full_backward(const LogitRule& rule, const HeadInput& in, ConstMatrixView out,
                   std::span<const float> lse, ConstMatrixView dout, MatrixView dqk, MatrixView dv,
                   AttentionWorkspace& work);

}  // namespace reformer
