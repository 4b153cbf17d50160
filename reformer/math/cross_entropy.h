// Softmax cross-entropy of one row of logits.
#pragma once

#include <cstdint>

namespace reformer {

struct RowLoss {
  double loss;   // -log softmax(logits)[target], natural
  bool correct;  // the first of the largest logits is the target's
};

// logits: [n], overwritten by gradient_scale * (softmax - onehot(target)).   0 <= target < n
RowLoss cross_entropy(float* logits, int64_t n, int64_t target, float gradient_scale);

}  // namespace reformer
