// What a product of matrices must be.
#pragma once

#include <cmath>

#include "reformer/math/gemm.h"
#include "tests/math/compare.h"
#include "tests/math/guarded.h"

namespace reformer {

// c = a b, or before + a b: within the rounding of float sums of the terms, in any order.
inline void expect_product(const Guarded& a, const Guarded& b, const Guarded& before,
                           const Guarded& c, Store store) {
  const int64_t terms = a.view().cols;
  expect_close(c.view(), [&](int64_t i, int64_t j) {
    const double start = store == Store::accumulate ? before(i, j) : 0;
    double sum = start;
    double magnitude = std::abs(start);
    for (int64_t k = 0; k < terms; ++k) {
      const double term = double{a(i, k)} * b(k, j);
      sum += term;
      magnitude += std::abs(term);
    }
    return Expected{sum, static_cast<double>(terms + 2) * kRounding * magnitude};
  });
}

}  // namespace reformer
