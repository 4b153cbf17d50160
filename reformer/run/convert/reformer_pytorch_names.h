// How reformer-pytorch's ReformerLM names its parameters (version 1.4.4).
#pragma once

#include <string_view>
#include <vector>

#include "reformer/run/convert/peer_parameters.h"

namespace reformer::internal {

inline constexpr std::string_view kPytorchToken = "token_emb.weight";
inline constexpr std::string_view kPytorchPosition = "pos_emb.emb.weight";
inline constexpr std::string_view kPytorchFirstAxial = "pos_emb.weights_0";
inline constexpr std::string_view kPytorchSecondAxial = "pos_emb.weights_1";
inline constexpr std::string_view kPytorchLayer = "reformer.layers.blocks.";

// Of a layer, after its number.
inline constexpr std::string_view kPytorchQueryKey = ".f.net.fn.toqk.weight";
inline constexpr std::string_view kPytorchValue = ".f.net.fn.tov.weight";
inline constexpr std::string_view kPytorchFeedForwardIn = ".g.net.fn.fn.w1.weight";
inline constexpr std::string_view kPytorchFeedForwardOut = ".g.net.fn.fn.w2.weight";

// Frequencies of sines and cosines, which are no parameters: of fixed positions [C / 2], and of
// those that turn queries and keys [D / 2].
inline constexpr std::string_view kPytorchFixed = "pos_emb.inv_freq";
inline constexpr std::string_view kPytorchRotary = "layer_pos_emb.inv_freq";

// Every parameter that a model of this configuration has there. A layer is there twice: as the
// block that is reversed and as one that is not.
std::vector<PeerParameter> reformer_pytorch_parameters(const ModelConfig& config);

}  // namespace reformer::internal
