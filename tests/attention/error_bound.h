// How far float arithmetic may take attention from the exact result: the rounding errors of every
// operation, carried through to first order. Each bound is eps times a sum of absolute products of
// the numbers that really went in, so a wrong term of any size that matters is out of bounds.
#pragma once

#include <vector>

#include "reformer/attention/reference.h"
#include "tests/support/compare.h"

namespace reformer::test {

struct ErrorBound {
  Table out;                // [M, D]
  std::vector<double> lse;  // [M]
  Table dqk, dv;            // [T, D]
};

// In bf16 the operands of products are rounded as well: by at most half a unit in the last of 8
// bits. `head` and `dout` must then be such numbers already, which leaves to be rounded one operand
// of each product - a weight, the gradient of a logit, the key - and beside the key the query's
// multiple.
ErrorBound error_bound(const LogitRule& rule, const reference::Head<double>& head,
                       const std::vector<reference::Candidates>& seen, const Table& dout,
                       Precision precision = Precision::fp32);

}  // namespace reformer::test
