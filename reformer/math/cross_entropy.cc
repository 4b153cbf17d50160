#include "reformer/math/cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "reformer/base/error.h"
#include "reformer/math/rows.h"

namespace reformer {

RowLoss cross_entropy(float* logits, int64_t n, int64_t target, float gradient_scale) {
  REFORMER_CHECK(target >= 0 && target < n);
  const float most = row_max(logits, n);
  const float target_logit = logits[target];
  const bool correct =
      target_logit == most && std::find(logits, logits + target, most) == logits + target;
  const float sum = row_exp(logits, most, n);
  row_scale(logits, logits, gradient_scale / sum, n);
  logits[target] -= gradient_scale;
  return {std::log(double{sum}) + most - target_logit, correct};
}

}  // namespace reformer
