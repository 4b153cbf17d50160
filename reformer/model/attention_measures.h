// What attention did with one sequence, over layers and heads.
#pragma once

#include <cstdint>
#include <vector>

#include "reformer/model/layer.h"

namespace reformer {

// Sums, so that those of sequences add up.
struct AttentionMeasures {
  int64_t lost_pairs = 0;   // see count_lost_pairs()
  int64_t keys_sought = 0;  // scored rows under LSH attention whose answer is known, and of these
  int64_t keys_found = 0;   // those that share a bucket with it, see count_shared_buckets()
  double entropy = 0;       // see attention_entropy()
  int64_t entropies = 0;    // of so many rows

  void add(const AttentionMeasures& other);
};

// `layers` is what the forward pass of the example left. Entropies are measured for up to
// context.entropy_rows scored rows, evenly spaced, in each head of each layer.
AttentionMeasures measure_attention(const ModelConfig& config, const PassContext& context,
                                    const Example& example, const std::vector<LayerState>& layers);

}  // namespace reformer
