#include "reformer/model/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "reformer/base/error.h"
#include "reformer/math/finite.h"

namespace reformer {

int32_t choose_token(std::span<const float> logits, const SamplingSettings& settings,
                     double uniform) {
  REFORMER_CHECK(!logits.empty());
  if (!all_finite(logits)) {
    fail("generate", "expected finite logits, found others; try another model");
  }
  if (settings.temperature == 0 || settings.top_k == 1) {
    return static_cast<int32_t>(std::ranges::max_element(logits) - logits.begin());
  }
  std::vector<int32_t> tokens(logits.size());
  std::iota(tokens.begin(), tokens.end(), 0);
  const auto logit = [&](int32_t token) { return double{logits[static_cast<size_t>(token)]}; };
  std::ranges::sort(tokens, [&](int32_t a, int32_t b) {
    return logit(a) != logit(b) ? logit(a) > logit(b) : a < b;
  });
  if (settings.top_k > 0 && settings.top_k < static_cast<int64_t>(tokens.size())) {
    tokens.resize(static_cast<size_t>(settings.top_k));
  }
  // Where each token ends on a line that is as long as the sum.
  std::vector<double> ends(tokens.size());
  double sum = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    sum += std::exp((logit(tokens[i]) - logit(tokens[0])) / settings.temperature);
    ends[i] = sum;
  }
  const auto chosen = std::ranges::upper_bound(ends, uniform * sum) - ends.begin();
  // Rounding of the product may reach the end of the line.
  return tokens[std::min(static_cast<size_t>(chosen), tokens.size() - 1)];
}

}  // namespace reformer
