#include "reformer/model/gradients.h"

#include <algorithm>

#include "reformer/base/error.h"

namespace reformer {

Gradients::Gradients(const ModelConfig& config, const ParameterLayout& layout)
    : values_(static_cast<size_t>(layout.total_size())) {
  const auto vector = [&](const std::string& name) {
    const ParameterInfo& p = layout.at(name);
    return std::span(values_).subspan(static_cast<size_t>(p.offset), static_cast<size_t>(p.size));
  };
  const auto matrix = [&](const std::string& name) {
    const ParameterInfo& p = layout.at(name);
    return MatrixView{values_.data() + p.offset, p.shape[0], p.shape[1], p.shape[1]};
  };
  const auto norm = [&](const std::string& name) {
    return NormGradients{vector(name + ".weight"), vector(name + ".bias")};
  };

  token_embedding = matrix("embedding.token.weight");
  if (config.position == PositionKind::learned) positions = matrix("embedding.position.weight");
  if (config.position == PositionKind::axial) {
    first_positions = matrix("embedding.position.first.weight");
    second_positions = matrix("embedding.position.second.weight");
  }
  for (int64_t i = 0; i < config.layers; ++i) {
    const std::string prefix = fmt::format("layers.{}.", i);
    layers.push_back({.norm1 = norm(prefix + "norm1"),
                      .norm2 = norm(prefix + "norm2"),
                      .qk = matrix(prefix + "attention.qk.weight"),
                      .value = matrix(prefix + "attention.value.weight"),
                      .out = matrix(prefix + "attention.out.weight"),
                      .feed_forward_in = matrix(prefix + "feed_forward.in.weight"),
                      .feed_forward_out = matrix(prefix + "feed_forward.out.weight"),
                      .out_bias = config.attention_bias ? vector(prefix + "attention.out.bias")
                                                        : std::span<float>(),
                      .feed_forward_in_bias = vector(prefix + "feed_forward.in.bias"),
                      .feed_forward_out_bias = vector(prefix + "feed_forward.out.bias")});
  }
  if (config.final_norm) final_norm = norm("final_norm");
  output = config.tied_output ? token_embedding : matrix("output.weight");
  output_bias = vector("output.bias");
}

void Gradients::clear() { std::fill(values_.begin(), values_.end(), 0.0F); }

}  // namespace reformer
