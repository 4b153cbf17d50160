#include "reformer/model/rotations.h"

#include <algorithm>
#include <vector>

#include "reformer/base/random.h"

namespace reformer {

void draw_rotations(const PassContext& context, int64_t layer, int64_t head, int64_t head_dim,
                    Matrix& rotations) {
  const AttentionChoice& attention = context.attention;
  const AttentionSemantics& semantics = attention.semantics;
  const int64_t half = attention.buckets / 2;
  const MatrixView to = rotations.reshape(head_dim, attention.hash_rounds * half);
  std::vector<float> round_values(static_cast<size_t>(head_dim * half));
  for (int64_t round = 0; round < attention.hash_rounds; ++round) {
    const RandomStream stream(
        {.seed = attention.rotation_seed,
         .purpose = Purpose::rotations,
         .step = semantics.rotations_per_step ? context.step : 0,
         .layer = static_cast<uint32_t>(layer),
         .head = semantics.rotations_per_head ? static_cast<uint32_t>(head) : 0,
         .example = semantics.rotations_per_example ? context.example_index : 0,
         .round = static_cast<uint32_t>(round)});
    stream.fill_normal(round_values);
    for (int64_t d = 0; d < head_dim; ++d) {
      std::copy_n(round_values.begin() + d * half, half, to.row(d) + round * half);
    }
  }
}

}  // namespace reformer
