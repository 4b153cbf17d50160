#include "reformer/model/weights.h"

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/math/rows.h"
#include "reformer/model/layer_weights.h"
#include "reformer/model/positions.h"

namespace reformer {

Weights::Weights(const ModelConfig& config, Precision precision)
    : config_((validate(config), config)),
      precision_(precision),
      layout_(parameter_layout(config)),
      layers_(static_cast<size_t>(config.layers)),
      final_norm_(std::make_unique<NormWeights>()),
      output_(std::make_unique<LinearWeights>()) {}

Weights::~Weights() = default;

std::span<const float> Weights::values(std::string_view name) const {
  const ParameterInfo& p = layout_.at(name);
  return parameters_.subspan(static_cast<size_t>(p.offset), static_cast<size_t>(p.size));
}

ConstMatrixView Weights::matrix(std::string_view name) const {
  const ParameterInfo& p = layout_.at(name);
  return {parameters_.data() + p.offset, p.shape[0], p.shape[1], p.shape[1]};
}

NormWeights Weights::norm(const std::string& name) const {
  return {values(name + ".weight"), values(name + ".bias")};
}

void Weights::prepare_linear(std::string_view name, LinearWeights& out) const {
  const ConstMatrixView w = matrix(name);
  out.straight = out.straight_memory.copied(w, precision_);
  out.transposed = out.transposed_memory.transposed(w, precision_);
}

void Weights::prepare_positions() {
  if (config_.position == PositionKind::none) return;
  if (config_.position == PositionKind::rotary) {
    if (angles_.rows() == 0) fill_angles(angles_.reshape(config_.length, config_.head_dim));
    return;
  }
  if (config_.position == PositionKind::learned) {
    position_rows_ = matrix("embedding.position.weight");
    return;
  }
  const bool settled = config_.position == PositionKind::fixed && position_rows_.rows > 0;
  if (settled) return;
  const MatrixView rows = computed_positions_.reshape(config_.length, config_.model_dim);
  position_rows_ = rows;
  if (config_.position == PositionKind::fixed) {
    for (int64_t t = 0; t < rows.rows; ++t)
      sinusoidal_position(t, config_.sinusoids, rows.row_span(t));
    return;
  }
  // Axial: position t = i * (T / axial_rows) + j is row i of the first table and row j of the
  // second.
  const ConstMatrixView first = matrix("embedding.position.first.weight");
  const ConstMatrixView second = matrix("embedding.position.second.weight");
  for (int64_t t = 0; t < rows.rows; ++t) {
    std::copy_n(first.row(t / second.rows), first.cols, rows.row(t));
    float* const rest = rows.row(t) + rows.cols - second.cols;  // all of it where they are summed
    if (config_.axial_merge == AxialMerge::sum) {
      row_add_scaled(rest, second.row(t % second.rows), 1, second.cols);
    } else {
      std::copy_n(second.row(t % second.rows), second.cols, rest);
    }
  }
}

void Weights::prepare(std::span<const float> parameters) {
  REFORMER_CHECK(static_cast<int64_t>(parameters.size()) == layout_.total_size());
  parameters_ = parameters;
  token_embedding_ = matrix("embedding.token.weight");
  prepare_positions();
  for (size_t i = 0; i < layers_.size(); ++i) {
    const std::string prefix = fmt::format("layers.{}.", i);
    LayerWeights& layer = layers_[i];
    layer.norm1 = norm(prefix + "norm1");
    layer.norm2 = norm(prefix + "norm2");
    prepare_linear(prefix + "attention.qk.weight", layer.qk);
    prepare_linear(prefix + "attention.value.weight", layer.value);
    prepare_linear(prefix + "attention.out.weight", layer.out);
    prepare_linear(prefix + "feed_forward.in.weight", layer.feed_forward_in);
    prepare_linear(prefix + "feed_forward.out.weight", layer.feed_forward_out);
    if (config_.attention_bias) layer.out_bias = values(prefix + "attention.out.bias");
    layer.feed_forward_in_bias = values(prefix + "feed_forward.in.bias");
    layer.feed_forward_out_bias = values(prefix + "feed_forward.out.bias");
  }
  if (config_.final_norm) *final_norm_ = norm("final_norm");
  prepare_linear(config_.tied_output ? "embedding.token.weight" : "output.weight", *output_);
  output_bias_ = values("output.bias");
}

}  // namespace reformer
