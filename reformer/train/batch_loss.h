// What a batch, or an evaluation, of examples comes to.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include "reformer/model/example.h"

namespace reformer {

// Writes example `index` of a batch or of an evaluation. Called from several threads at once.
using ExampleSource = std::function<void(int64_t index, ExampleBuffer& out)>;

// Of all examples together.
struct BatchLoss {
  double loss = 0;  // mean over scored rows
  int64_t correct = 0;
  int64_t scored = 0;
  int64_t lost_pairs = 0;
  // Part of the scored rows, over layers and heads, that share a bucket with the position that
  // holds their answer; NaN under full attention.
  double hash_recall = std::numeric_limits<double>::quiet_NaN();
  // Mean over layers, heads and the rows in which it is measured; NaN where it is in none.
  double attention_entropy = std::numeric_limits<double>::quiet_NaN();
  double accuracy() const {
    return scored == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(scored);
  }
};

}  // namespace reformer
