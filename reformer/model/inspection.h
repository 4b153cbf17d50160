// What attention does with one sequence, to look at: for pictures and tables, not for speed.
#pragma once

#include <cstdint>
#include <vector>

#include "reformer/attention/measures.h"
#include "reformer/model/sequence_pass.h"

namespace reformer {

// One head of one layer.
struct HeadInspection {
  AttentionSemantics semantics;
  reference::Sight sight;
  Matrix qk;      // [T, D] the vectors that are compared
  HashPlan plan;  // buckets, order and chunks; also of a model that attends fully

  // What a query gives to each key that it sees, by ascending key, if this head attended to these
  // vectors fully, or by the plan. In plain double arithmetic.
  std::vector<KeyWeight> full_weights(int64_t query) const;
  std::vector<KeyWeight> lsh_weights(int64_t query) const;

  // [T] how long each vector is. A meaning that does not scale keys to one length gives longer ones
  // larger logits.
  std::vector<double> lengths() const;
};

// A sequence that went through a model under the attention of a context.
class Inspection {
 public:
  // `weights` are prepared and must outlive this. Throws Error when the example or the attention
  // does not fit the model, and when a logit is not finite.
  Inspection(const Weights& weights, const PassContext& context, const Example& example);

  // Hashed by the rotations that LSH attention of this context has, in its rounds.
  HeadInspection head(int64_t layer, int64_t head) const;

  // [T] the likeliest token by the logits of each row
  const std::vector<int32_t>& predictions() const { return predictions_; }

 private:
  const Weights& weights_;
  PassContext context_;
  std::vector<uint8_t> valid_;
  SequencePass pass_;
  std::vector<int32_t> predictions_;
};

}  // namespace reformer
