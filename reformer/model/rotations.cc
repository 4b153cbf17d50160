#include "reformer/model/rotations.h"

#include "reformer/attention/rotations.h"
#include "reformer/base/random.h"

namespace reformer {

void draw_rotations(const PassContext& context, int64_t layer, int64_t head, int64_t head_dim,
                    Matrix& rotations) {
  const AttentionChoice& attention = context.attention;
  const AttentionSemantics& semantics = attention.semantics;
  fill_rotations({.seed = attention.rotation_seed,
                  .purpose = Purpose::rotations,
                  .step = semantics.rotations_per_step ? context.step : 0,
                  .layer = static_cast<uint32_t>(layer),
                  .head = semantics.rotations_per_head ? static_cast<uint32_t>(head) : 0,
                  .example = semantics.rotations_per_example ? context.example_index : 0},
                 head_dim, attention.hash_rounds, attention.bucket_shape(), rotations);
}

}  // namespace reformer
