#include "reformer/attention/rotations.h"

#include <algorithm>
#include <vector>

namespace reformer {

void fill_rotations(StreamKey key, int64_t head_dim, int64_t rounds, Buckets buckets,
                    Matrix& rotations) {
  const int64_t width = buckets.directions();
  const MatrixView to = rotations.reshape(head_dim, rounds * width);
  std::vector<float> round_values(static_cast<size_t>(head_dim * width));
  for (int64_t round = 0; round < rounds; ++round) {
    key.round = static_cast<uint32_t>(round);
    RandomStream(key).fill_normal(round_values);
    for (int64_t d = 0; d < head_dim; ++d) {
      std::copy_n(round_values.begin() + d * width, width, to.row(d) + round * width);
    }
  }
}

}  // namespace reformer
