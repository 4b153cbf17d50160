#include "reformer/model/attention_measures.h"

#include <algorithm>

#include "reformer/attention/measures.h"

namespace reformer {
namespace {

void add_entropies(const ModelConfig& config, const PassContext& context, const Example& example,
                   const LayerState& layer, AttentionMeasures& measures) {
  const AttentionChoice& attention = context.attention;
  const bool full = attention.kind == AttentionKind::full;
  const reference::Sight sight{{example.valid.begin(), example.valid.end()}, attention.causal};
  const auto length = static_cast<int64_t>(example.inputs.size());
  const int64_t rows = std::min(context.entropy_rows, example.scored());
  for (int64_t head = 0; head < config.heads; ++head) {
    const HeadInput in{
        layer.compared().view().col_range(head * config.head_dim, (head + 1) * config.head_dim),
        {},
        example.valid,
        {example.scored_begin, example.scored_end},
        attention.causal};
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t query = example.scored_begin + i * example.scored() / rows;
      const reference::Candidates seen =
          full ? reference::full_candidates(sight, length, query)
               : reference::lsh_candidates(attention.semantics,
                                           layer.plans[static_cast<size_t>(head)], sight, query);
      measures.entropy += attention_entropy(
          full ? attention.semantics.full : attention.semantics.lsh, in, query, seen);
      ++measures.entropies;
    }
  }
}

}  // namespace

void AttentionMeasures::add(const AttentionMeasures& other) {
  lost_pairs += other.lost_pairs;
  keys_sought += other.keys_sought;
  keys_found += other.keys_found;
  entropy += other.entropy;
  entropies += other.entropies;
}

AttentionMeasures measure_attention(const ModelConfig& config, const PassContext& context,
                                    const Example& example, const std::vector<LayerState>& layers) {
  AttentionMeasures measures;
  const QueryRange scored{example.scored_begin, example.scored_end};
  for (const LayerState& layer : layers) {
    if (context.attention.kind != AttentionKind::full) {
      for (const HashPlan& plan : layer.plans) {
        measures.lost_pairs += count_lost_pairs(plan, context.attention.causal);
        if (example.answer_distance == 0) continue;
        measures.keys_sought += scored.size();
        measures.keys_found += count_shared_buckets(plan, scored, example.answer_distance);
      }
    }
    add_entropies(config, context, example, layer, measures);
  }
  return measures;
}

}  // namespace reformer
