// Which attention a model runs with: its own, or any other that it is evaluated under.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reformer/attention/plan.h"
#include "reformer/attention/semantics.h"
#include "reformer/model/config.h"

namespace reformer {

struct AttentionChoice {
  AttentionKind kind = AttentionKind::full;
  int64_t hash_rounds = 1;
  int64_t buckets = 16;
  int64_t bucket_factor = 0;
  int64_t chunk_length = 64;
  bool causal = true;
  AttentionSemantics semantics;
  uint64_t rotation_seed = 0;

  // "full", "lsh-4", ...
  std::string name() const;
  Buckets bucket_shape() const { return {buckets, bucket_factor}; }
};

// The attention that `config` describes. Rotations come from `rotation_seed`.
AttentionChoice attention_of(const ModelConfig& config, uint64_t rotation_seed);

// Changes kind and rounds to what `name` says: "full", "lsh-4" or "lsh:4". Throws Error for another
// name.
void choose_attention(AttentionChoice& choice, std::string_view name);

}  // namespace reformer
