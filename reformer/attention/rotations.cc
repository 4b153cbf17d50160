#include "reformer/attention/rotations.h"

#include <algorithm>
#include <vector>

namespace reformer {

void fill_rotations(StreamKey key, int64_t head_dim, int64_t rounds, int64_t buckets,
                    Matrix& rotations) {
  const int64_t half = buckets / 2;
  const MatrixView to = rotations.reshape(head_dim, rounds * half);
  std::vector<float> round_values(static_cast<size_t>(head_dim * half));
  for (int64_t round = 0; round < rounds; ++round) {
    key.round = static_cast<uint32_t>(round);
    RandomStream(key).fill_normal(round_values);
    for (int64_t d = 0; d < head_dim; ++d) {
      std::copy_n(round_values.begin() + d * half, half, to.row(d) + round * half);
    }
  }
}

}  // namespace reformer
