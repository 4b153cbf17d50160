#include "reformer/train/clip.h"

#include <cmath>
#include <numeric>
#include <vector>

#include "reformer/base/error.h"
#include "reformer/train/blocks.h"

namespace reformer {

double gradient_norm(std::span<const float> gradients, ThreadPool& pool) {
  const int64_t blocks = block_count(static_cast<int64_t>(gradients.size()));
  std::vector<double> sums(static_cast<size_t>(blocks));
  pool.run(blocks, [&](int64_t index, int) {
    sums[static_cast<size_t>(index)] = sum_of_squares(block_of(gradients, index));
  });
  return std::sqrt(std::accumulate(sums.begin(), sums.end(), 0.0));
}

double clip_gradients(std::span<float> gradients, double max_norm, ThreadPool& pool) {
  REFORMER_CHECK(max_norm >= 0);
  const double norm = gradient_norm(gradients, pool);
  if (max_norm == 0 || !std::isfinite(norm) || norm <= max_norm) return norm;
  const float scale = static_cast<float>(max_norm / norm);
  pool.run(block_count(static_cast<int64_t>(gradients.size())), [&](int64_t index, int) {
    for (float& gradient : block_of(gradients, index)) gradient *= scale;
  });
  return norm;
}

}  // namespace reformer
