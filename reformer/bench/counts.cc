#include "reformer/bench/counts.h"

namespace reformer {

double keys_of_a_query(const AttentionChoice& attention, int64_t length, int64_t queries) {
  if (attention.kind == AttentionKind::lsh) {
    return static_cast<double>(2 * attention.hash_rounds * attention.chunk_length);
  }
  const auto t = static_cast<double>(length);
  return attention.causal ? t - static_cast<double>(queries) / 2 : t;
}

double attention_operations(const AttentionChoice& attention, int64_t length, int64_t queries,
                            int64_t width) {
  return 12 * static_cast<double>(queries) * keys_of_a_query(attention, length, queries) *
         static_cast<double>(width);
}

double forward_operations(const ModelConfig& config, const AttentionChoice& attention,
                          int64_t scored) {
  const auto t = static_cast<double>(config.length);
  const auto c = static_cast<double>(config.model_dim);
  const auto inner = static_cast<double>(config.heads * config.head_dim);
  const auto f = static_cast<double>(config.feed_forward_dim);
  double terms = static_cast<double>(scored) * c * static_cast<double>(config.vocabulary);
  for (int64_t layer = 0; layer < config.layers; ++layer) {
    const int64_t queries = layer + 1 == config.layers ? scored : config.length;
    const auto m = static_cast<double>(queries);
    terms += 2 * t * c * inner + m * inner * c + 2 * m * c * f +
             2 * m * keys_of_a_query(attention, config.length, queries) * inner;
  }
  return 2 * terms;
}

}  // namespace reformer
