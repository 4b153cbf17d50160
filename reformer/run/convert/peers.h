// What each program's file does for peer.h.
#pragma once

#include <string_view>

#include "reformer/run/convert/peer.h"

namespace reformer::internal {

ModelFile model_from_reformer_fastai(const TensorTable& table, std::string_view where,
                                     const CompleteConfig& complete);
TensorTable reformer_fastai_table(const ModelFile& model, std::string_view where);

ModelFile model_from_reformer_pytorch(const TensorTable& table, std::string_view where,
                                      const CompleteConfig& complete);
TensorTable reformer_pytorch_table(const ModelFile& model, std::string_view where);

ModelFile model_from_huggingface(const PeerModel& model, std::string_view where,
                                 const CompleteConfig& complete);
PeerModel huggingface_model(const ModelFile& model, std::string_view where);

}  // namespace reformer::internal
