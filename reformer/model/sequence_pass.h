// Forward and backward of the whole model for one sequence: the unit of work. A pass owns its
// memory, which settles after the first sequence and does not grow with the batch.
#pragma once

#include <vector>

#include "reformer/math/cross_entropy.h"
#include "reformer/model/attention_measures.h"
#include "reformer/model/gradients.h"
#include "reformer/model/layer.h"
#include "reformer/model/pass_context.h"
#include "reformer/model/weights.h"

namespace reformer {

struct SequenceLoss {
  double loss = 0;      // sum over scored rows, natural logarithm
  int64_t correct = 0;  // scored rows whose most likely token is the target
  int64_t scored = 0;
  AttentionMeasures attention;
};

class SequencePass {
 public:
  // The team works on one sequence together; what comes out has the same bits for any team.
  explicit SequencePass(const ModelConfig& config, Team team = {});

  // Loss and accuracy of the scored rows.
  SequenceLoss evaluate(const Weights& weights, const PassContext& context, const Example& example);

  // The same, and adds the gradient of gradient_scale * loss to `gradients`.
  SequenceLoss train(const Weights& weights, const PassContext& context, const Example& example,
                     double gradient_scale, Gradients& gradients);

  // Logits of rows [begin, end) of the sequence.   [end - begin, V], until the next call
  ConstMatrixView logits(const Weights& weights, const PassContext& context, const Example& example,
                         QueryRange rows);

  // Shared queries and keys of a layer in the last call: as they are hashed, and as they are
  // compared, which differ where positions are rotary.   [T, H D]
  ConstMatrixView queries_and_keys(int64_t layer) const {
    return layers_[static_cast<size_t>(layer)].qk;
  }
  ConstMatrixView compared(int64_t layer) const {
    return layers_[static_cast<size_t>(layer)].compared();
  }

  // Hash plans of a layer of the last call with LSH attention, by head.
  const std::vector<HashPlan>& plans(int64_t layer) const {
    return layers_[static_cast<size_t>(layer)].plans;
  }

 private:
  void forward(const Weights& weights, const PassContext& context, const Example& example,
               QueryRange rows);
  void backward(const Weights& weights, const PassContext& context, const Example& example,
                QueryRange rows, Gradients& gradients);
  // What the final norm, or else the output, reads.
  const Matrix& end(const ModelConfig& config) const {
    return config.residual == Residual::two_streams ? merged_ : y_;
  }
  SequenceLoss score(const Example& example, double gradient_scale);
  const Team& team() const { return scratch_.team; }
  QueryRange layer_rows(int64_t layer, const Example& example, QueryRange rows) const;

  std::vector<LayerState> layers_;
  LayerScratch scratch_;
  Matrix y_;                            // [M, C] what the last layer gives, then gradients
  Matrix merged_;                       // [M, C or 2 C] of two streams
  Matrix final_normal_, output_input_;  // [M, output_width]
  std::vector<float> final_inverse_std_;
  Matrix logits_;  // [M, V], then their gradient
  std::vector<RowLoss> row_losses_;
  Matrix dmerged_, dg_;  // of two streams; dg_: [T, C], rows that a layer does not have are 0
  Matrix dx_;            // [T, C]
};

}  // namespace reformer
