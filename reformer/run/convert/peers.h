// What each program's file does for peer.h.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "reformer/run/convert/peer.h"

namespace reformer::internal {

ModelFile model_from_reformer_fastai(const TensorTable& table, std::string_view where,
                                     const CompleteConfig& complete);
TensorTable reformer_fastai_table(const ModelFile& model, std::string_view where);

// No configuration of these two is covered: each call throws Error that lists why, for the model at
// hand. `config`: the object of config.json.
[[noreturn]] void refuse_reformer_pytorch(const TensorTable& table, std::string_view where);
[[noreturn]] void refuse_huggingface(const TensorTable& table, const nlohmann::json& config,
                                     std::string_view where);

}  // namespace reformer::internal
