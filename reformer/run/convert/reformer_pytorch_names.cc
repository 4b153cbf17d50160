#include "reformer/run/convert/reformer_pytorch_names.h"

#include <fmt/format.h>

#include <string>

namespace reformer::internal {
namespace {

constexpr NamePair kPytorchModel[] = {
    {"embedding.token.weight", kPytorchToken},
    {"embedding.position.weight", kPytorchPosition},
    {"embedding.position.first.weight", kPytorchFirstAxial},
    {"embedding.position.second.weight", kPytorchSecondAxial},
    {"final_norm.weight", "norm.weight"},
    {"final_norm.bias", "norm.bias"},
    {"output.weight", "out.1.weight"},
    {"output.bias", "out.1.bias"},
};

// After "layers.I." here and, there, what begins the name of the attention of layer I.
constexpr NamePair kAttention[] = {
    {"norm1.weight", "norm.weight"},
    {"norm1.bias", "norm.bias"},
    {"attention.qk.weight", "fn.toqk.weight"},
    {"attention.value.weight", "fn.tov.weight"},
    {"attention.out.weight", "fn.to_out.weight"},
    {"attention.out.bias", "fn.to_out.bias"},
};
constexpr NamePair kFeedForward[] = {
    {"norm2.weight", "norm.weight"},
    {"norm2.bias", "norm.bias"},
    {"feed_forward.in.weight", "fn.fn.w1.weight"},
    {"feed_forward.in.bias", "fn.fn.w1.bias"},
    {"feed_forward.out.weight", "fn.fn.w2.weight"},
    {"feed_forward.out.bias", "fn.fn.w2.bias"},
};

}  // namespace

std::vector<PeerParameter> reformer_pytorch_parameters(const ModelConfig& config) {
  PeerNames names(config);
  names.add(kPytorchModel);
  for (int64_t i = 0; i < config.layers; ++i) {
    const std::string ours = fmt::format("layers.{}.", i);
    names.add(kAttention, ours, fmt::format("{}{}.f.net.", kPytorchLayer, i));
    names.add(kFeedForward, ours, fmt::format("{}{}.g.net.", kPytorchLayer, i));
    constexpr bool kIsCopy = true;
    names.add(kAttention, ours, fmt::format("reformer.layers.irrev_blocks.{}.f.", i), kIsCopy);
    names.add(kFeedForward, ours, fmt::format("reformer.layers.irrev_blocks.{}.g.", i), kIsCopy);
  }
  // Axial tables are laid out to be broadcast over [1, rows, columns, C].
  names.reshape(kPytorchFirstAxial, {1, config.axial_rows, 1, config.model_dim});
  names.reshape(kPytorchSecondAxial, {1, 1, config.length / config.axial_rows, config.model_dim});
  return names.take();
}

}  // namespace reformer::internal
