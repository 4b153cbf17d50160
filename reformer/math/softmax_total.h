// What a softmax divides by.
#pragma once

#include <cmath>
#include <limits>

namespace reformer {

// The sum over a query's keys of weight * e^(logit - max). Kept in two parts, because as one
// number, max + log(sum), the sum is lost beside a maximum of -1e5.
struct SoftmaxTotal {
  float max = -std::numeric_limits<float>::infinity();
  float sum = 0;
  double log_sum_exp() const { return double{max} + std::log(double{sum}); }
};

}  // namespace reformer
