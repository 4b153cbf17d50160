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

ErrorBound error_bound(const LogitRule& rule, const reference::Head<double>& head,
                       const std::vector<reference::Candidates>& seen, const Table& dout);

}  // namespace reformer::test
