// How reformer_fastai's LSHLM names its parameters (version 0.0.2).
#pragma once

#include <string_view>
#include <vector>

#include "reformer/run/convert/peer_parameters.h"

namespace reformer::internal {

inline constexpr std::string_view kFastaiToken = "emb.emb.weight";
inline constexpr std::string_view kFastaiOutput = "proj.weight";
inline constexpr std::string_view kFastaiPosition = "emb.pos_enc.emb.weight";
inline constexpr std::string_view kFastaiFirstAxial = "emb.pos_enc.weights_0";
inline constexpr std::string_view kFastaiSecondAxial = "emb.pos_enc.weights_1";
inline constexpr std::string_view kFastaiFinalNorm = "encoder.norm.weight";
inline constexpr std::string_view kFastaiLayer = "encoder.layers.";

// Parts of a layer that hold a norm before (pre) or after (post) their residual sum.
inline constexpr std::string_view kFastaiPostNorm = ".attn.norm.weight";
inline constexpr std::string_view kFastaiPreNorm = ".attn.sublayer.norm.weight";

// Every parameter that a model of this configuration has there.
std::vector<PeerParameter> reformer_fastai_parameters(const ModelConfig& config);

}  // namespace reformer::internal
