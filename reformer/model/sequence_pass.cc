#include "reformer/model/sequence_pass.h"

#include "reformer/base/error.h"
#include "reformer/model/embedding.h"
#include "reformer/model/streams.h"
#include "reformer/model/team_kernels.h"

namespace reformer {

SequencePass::SequencePass(const ModelConfig& config, Team team)
    : layers_(static_cast<size_t>(config.layers)) {
  scratch_.team = team;
  scratch_.heads.resize(static_cast<size_t>(team.size()));
}

// Only the rows that are read are computed: in the last layer those whose logits are wanted, in the
// others all, for any query may attend to them.
QueryRange SequencePass::layer_rows(int64_t layer, const Example& example, QueryRange rows) const {
  const bool last = layer + 1 == static_cast<int64_t>(layers_.size());
  return last ? rows : QueryRange{0, static_cast<int64_t>(example.inputs.size())};
}

void SequencePass::forward(const Weights& weights, const PassContext& context,
                           const Example& example, QueryRange rows) {
  const ModelConfig& config = weights.config();
  const auto length = static_cast<int64_t>(example.inputs.size());
  if (length != config.length) {
    fail("model", "expected sequences of {} tokens, found {}", config.length, length);
  }
  const bool two_streams = config.residual == Residual::two_streams;
  embedding_forward(team(), weights, context, example,
                    layers_[0].x.reshape(length, config.model_dim));
  for (int64_t i = 0; i < config.layers; ++i) {
    const bool last = i + 1 == config.layers;
    const QueryRange out_rows = layer_rows(i, example, rows);
    Matrix& y = last ? y_ : layers_[static_cast<size_t>(i) + 1].x;
    LayerState& state = layers_[static_cast<size_t>(i)];
    const ConstMatrixView added_to =
        two_streams && i > 0 ? layers_[static_cast<size_t>(i) - 1].h : state.x;
    layer_forward(weights, context, example, i, out_rows, added_to, state,
                  y.reshape(out_rows.size(), config.model_dim), scratch_);
  }
  const int64_t width = output_width(config);
  if (two_streams) {
    merge_streams(team(), config.stream_merge, layers_.back().h, y_,
                  merged_.reshape(rows.size(), width));
  }
  if (config.final_norm) {
    normalise(team(), weights.final_norm(), config.norm_epsilon, end(config), final_normal_,
              final_inverse_std_, output_input_.reshape(rows.size(), width));
  }
  const MatrixView logits = logits_.reshape(rows.size(), config.vocabulary);
  const Matrix& read = config.final_norm ? output_input_ : end(config);
  gemm(team(), scratch_.left.of(read, weights.precision(), team()), weights.output().transposed,
       logits, Store::overwrite);
  add_bias(team(), weights.output_bias(), logits);
}

SequenceLoss SequencePass::score(const Example& example, double gradient_scale) {
  row_losses_.resize(static_cast<size_t>(logits_.rows()));
  split_rows(team(), logits_.rows(), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const int32_t target = example.targets[static_cast<size_t>(example.scored_begin + r)];
      row_losses_[static_cast<size_t>(r)] =
          cross_entropy(logits_.row(r), logits_.cols(), target, static_cast<float>(gradient_scale));
    }
  });
  SequenceLoss total;
  for (const RowLoss& row : row_losses_) {
    total.loss += row.loss;
    total.correct += row.correct ? 1 : 0;
    ++total.scored;
  }
  return total;
}

SequenceLoss SequencePass::evaluate(const Weights& weights, const PassContext& context,
                                    const Example& example) {
  forward(weights, context, example, {example.scored_begin, example.scored_end});
  SequenceLoss total = score(example, 1);
  total.attention = measure_attention(weights.config(), context, example, layers_);
  return total;
}

ConstMatrixView SequencePass::logits(const Weights& weights, const PassContext& context,
                                     const Example& example, QueryRange rows) {
  forward(weights, context, example, rows);
  return logits_;
}

SequenceLoss SequencePass::train(const Weights& weights, const PassContext& context,
                                 const Example& example, double gradient_scale,
                                 Gradients& gradients) {
  const QueryRange rows{example.scored_begin, example.scored_end};
  forward(weights, context, example, rows);
  SequenceLoss total = score(example, gradient_scale);
  total.attention = measure_attention(weights.config(), context, example, layers_);
  backward(weights, context, example, rows, gradients);
  return total;
}

void SequencePass::backward(const Weights& weights, const PassContext& context,
                            const Example& example, QueryRange rows, Gradients& gradients) {
  const ModelConfig& config = weights.config();
  const Precision precision = weights.precision();
  const auto length = static_cast<int64_t>(example.inputs.size());
  const bool two_streams = config.residual == Residual::two_streams;
  const Matrix& read = config.final_norm ? output_input_ : end(config);
  add_weight_gradient(logits_, scratch_.input.of(read, precision, team()), precision,
                      gradients.output, scratch_);
  add_column_sums(team(), logits_, gradients.output_bias);
  const MatrixView dend = (two_streams ? dmerged_ : y_).reshape(rows.size(), output_width(config));
  gemm(team(), scratch_.doutput.left(), weights.output().straight, dend, Store::overwrite);
  if (config.final_norm) {
    normalise_backward(team(), weights.final_norm(), final_normal_, final_inverse_std_, dend, dend,
                       gradients.final_norm);
  }
  if (two_streams) {
    clear_rows(team(), dg_.reshape(length, config.model_dim));
    merge_streams_backward(team(), config.stream_merge, dend,
                           dg_.view().row_range(rows.begin, rows.end),
                           y_.reshape(rows.size(), config.model_dim));
  }
  for (int64_t i = config.layers - 1; i >= 0; --i) {
    const QueryRange out_rows = layer_rows(i, example, rows);
    const MatrixView dh =
        two_streams ? dg_.view().row_range(out_rows.begin, out_rows.end) : y_.view();
    layer_backward(weights, context, example, i, out_rows, layers_[static_cast<size_t>(i)], y_, dh,
                   dx_.reshape(length, config.model_dim), scratch_, gradients);
    std::swap(y_, dx_);
  }
  if (two_streams) add_rows(team(), dg_, y_);  // both start as the embedding
  embedding_backward(team(), weights, context, example, y_, gradients);
}

}  // namespace reformer
