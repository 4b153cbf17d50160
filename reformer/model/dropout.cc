#include "reformer/model/dropout.h"

#include "reformer/base/random.h"

namespace reformer {

void apply_dropout(const PassContext& context, int64_t layer, DropoutSite site, int64_t first_row,
                   MatrixView x) {
  if (context.dropout == 0) return;
  const RandomStream stream({.seed = context.dropout_seed,
                             .purpose = Purpose::dropout,
                             .step = context.step,
                             .layer = static_cast<uint32_t>(layer),
                             .head = static_cast<uint32_t>(site),
                             .example = context.example_index});
  const auto keep = static_cast<float>(1 / (1 - context.dropout));
  for (int64_t r = 0; r < x.rows; ++r) {
    float* row = x.row(r);
    for (int64_t c = 0; c < x.cols; ++c) {
      const double u = stream.uniform(static_cast<uint64_t>((first_row + r) * x.cols + c));
      row[c] = u < context.dropout ? 0.0F : row[c] * keep;
    }
  }
}

}  // namespace reformer
