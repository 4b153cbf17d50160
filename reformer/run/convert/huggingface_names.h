// How transformers' ReformerModelWithLMHead names its parameters (version 4.35.2).
#pragma once

#include <vector>

#include "reformer/run/convert/peer_parameters.h"

namespace reformer::internal {

// Every parameter that a model of this configuration has there.
std::vector<PeerParameter> huggingface_parameters(const ModelConfig& config);

}  // namespace reformer::internal
