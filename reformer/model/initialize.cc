// Starting values of the parameters.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "reformer/base/random.h"
#include "reformer/model/parameters.h"
#include "reformer/model/positions.h"

namespace reformer {
namespace {

bool ends_with(std::string_view text, std::string_view tail) { return text.ends_with(tail); }

// N(0, 1) folded into (-2, 2) by fmod, which is how fastai truncates, times C^-0.5.
void truncated_normal(const RandomStream& stream, int64_t model_dim, std::span<float> out) {
  stream.fill_normal(out);
  const float scale = 1.0F / std::sqrt(static_cast<float>(model_dim));
  for (float& x : out) x = std::fmod(x, 2.0F) * scale;
}

// Glorot and Bengio 2010, uniform, of a matrix [rows, cols].
void glorot_uniform(const RandomStream& stream, const std::vector<int64_t>& shape,
                    std::span<float> out) {
  const float bound = std::sqrt(6.0F / static_cast<float>(shape[0] + shape[1]));
  stream.fill_uniform(out, -bound, bound);
}

void bias(const RandomStream& stream, BiasInit init, int64_t fan_in, std::span<float> out) {
  if (init == BiasInit::tiny_normal) {
    stream.fill_normal(out);
    for (float& x : out) x *= 1e-6F;
  } else {
    const float bound = 1.0F / std::sqrt(static_cast<float>(fan_in));
    stream.fill_uniform(out, -bound, bound);
  }
}

void positions(const RandomStream& stream, const ModelConfig& config,
               const std::vector<int64_t>& shape, std::span<float> out) {
  if (config.position_init == PositionInit::sinusoidal) {
    for (int64_t t = 0; t < shape[0]; ++t) {
      sinusoidal_position(
          t, config.sinusoids,
          out.subspan(static_cast<size_t>(t * shape[1]), static_cast<size_t>(shape[1])));
    }
    return;
  }
  stream.fill_normal(out);
  for (float& x : out) x *= static_cast<float>(config.position_std);
}

// What the linear map reads whose bias this is.
int64_t fan_in(const ModelConfig& config, std::string_view bias) {
  if (bias.ends_with("feed_forward.out.bias")) return config.feed_forward_dim;
  if (bias.ends_with("attention.out.bias")) return config.heads * config.head_dim;
  if (bias == "output.bias") return output_width(config);
  return config.model_dim;
}

void initialize(const ModelConfig& config, const ParameterInfo& p, const RandomStream& stream,
                std::span<float> out) {
  if (p.name == "embedding.token.weight") {
    if (config.embedding_init == EmbeddingInit::glorot_uniform) {
      return glorot_uniform(stream, p.shape, out);
    }
    return truncated_normal(stream, config.model_dim, out);
  }
  if (p.name.starts_with("embedding.position")) return positions(stream, config, p.shape, out);
  if (p.name.find("norm") != std::string::npos) {
    std::fill(out.begin(), out.end(), ends_with(p.name, ".weight") ? 1.0F : 0.0F);
    return;
  }
  if (ends_with(p.name, ".bias")) {
    return bias(stream, config.bias_init, fan_in(config, p.name), out);
  }
  glorot_uniform(stream, p.shape, out);
}

// W_out = gain W_value^T in every layer. With the Xavier value projection W_value^T W_value is the
// identity on average, so each head adds about gain / H of what it attends to.
void copy_what_is_attended(const ModelConfig& config, const ParameterLayout& layout,
                           std::span<float> values) {
  for (int64_t layer = 0; layer < config.layers; ++layer) {
    const std::string prefix = fmt::format("layers.{}.attention.", layer);
    const ParameterInfo& value = layout.at(prefix + "value.weight");
    const ParameterInfo& out = layout.at(prefix + "out.weight");
    const auto [rows, cols] = std::pair(out.shape[0], out.shape[1]);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t col = 0; col < cols; ++col) {
        values[static_cast<size_t>(out.offset + row * cols + col)] =
            static_cast<float>(config.copy_gain) *
            values[static_cast<size_t>(value.offset + col * rows + row)];
      }
    }
  }
}

}  // namespace

std::vector<float> initial_parameters(const ModelConfig& config, uint64_t seed) {
  const ParameterLayout layout = parameter_layout(config);
  std::vector<float> values(static_cast<size_t>(layout.total_size()));
  uint32_t index = 0;  // each parameter has its own stream
  for (const ParameterInfo& p : layout.all()) {
    const RandomStream stream({.seed = seed, .purpose = Purpose::parameters, .layer = index++});
    initialize(
        config, p, stream,
        std::span(values).subspan(static_cast<size_t>(p.offset), static_cast<size_t>(p.size)));
  }
  if (config.copy_gain != 0) copy_what_is_attended(config, layout, values);
  if (!config.tied_output && config.output_init == OutputInit::token_embedding) {
    const ParameterInfo& token = layout.at("embedding.token.weight");
    std::copy_n(values.begin() + token.offset, token.size,
                values.begin() + layout.at("output.weight").offset);
  }
  return values;
}

}  // namespace reformer
