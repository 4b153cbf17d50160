#include "reformer/model/attention_choice.h"

#include <charconv>

#include "reformer/base/error.h"

namespace reformer {

std::string AttentionChoice::name() const {
  return kind == AttentionKind::full ? "full" : fmt::format("lsh-{}", hash_rounds);
}

AttentionChoice attention_of(const ModelConfig& config, uint64_t rotation_seed) {
  AttentionChoice choice;
  choice.kind = config.attention;
  choice.hash_rounds = config.hash_rounds;
  choice.buckets = config.buckets;
  choice.bucket_factor = config.bucket_factor;
  choice.chunk_length = config.chunk_length;
  choice.causal = config.causal;
  choice.semantics = semantics_preset(config.semantics);
  choice.rotation_seed = rotation_seed;
  return choice;
}

void choose_attention(AttentionChoice& choice, std::string_view name) {
  if (name == "full") {
    choice.kind = AttentionKind::full;
    return;
  }
  int64_t rounds = 0;
  if (name.starts_with("lsh-") || name.starts_with("lsh:")) {
    const std::string_view digits = name.substr(4);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), rounds);
    if (error != std::errc() || end != digits.data() + digits.size()) rounds = 0;
  }
  if (rounds < 1 || rounds > 64) {
    fail("attention", "expected full or lsh-R with R from 1 to 64 hash rounds, found '{}'; try {}",
         name, "full, lsh-1, lsh-2, lsh-4 or lsh-8");
  }
  choice.kind = AttentionKind::lsh;
  choice.hash_rounds = rounds;
}

}  // namespace reformer
