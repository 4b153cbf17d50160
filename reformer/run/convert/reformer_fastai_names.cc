#include "reformer/run/convert/reformer_fastai_names.h"

#include <fmt/format.h>

#include <string>

namespace reformer::internal {
namespace {

constexpr NamePair kFastaiModel[] = {
    {"embedding.token.weight", kFastaiToken},
    {"embedding.position.weight", kFastaiPosition},
    {"embedding.position.first.weight", kFastaiFirstAxial},
    {"embedding.position.second.weight", kFastaiSecondAxial},
    {"final_norm.weight", kFastaiFinalNorm},
    {"final_norm.bias", "encoder.norm.bias"},
    {"output.weight", kFastaiOutput},
    {"output.bias", "proj.bias"},
};

// After "layers.I." here and "encoder.layers.I." there.
constexpr NamePair kFastaiLayerParts[] = {
    {"attention.qk.weight", "attn.sublayer.sublayer.in_proj.to_qk.weight"},
    {"attention.value.weight", "attn.sublayer.sublayer.in_proj.to_v.weight"},
    {"attention.out.weight", "attn.sublayer.sublayer.out_proj.weight"},
    {"feed_forward.in.weight", "ff.sublayer.sublayer.net.0.weight"},
    {"feed_forward.in.bias", "ff.sublayer.sublayer.net.0.bias"},
    {"feed_forward.out.weight", "ff.sublayer.sublayer.net.3.weight"},
    {"feed_forward.out.bias", "ff.sublayer.sublayer.net.3.bias"},
};
constexpr NamePair kPostNorms[] = {
    {"norm1.weight", "attn.norm.weight"},
    {"norm1.bias", "attn.norm.bias"},
    {"norm2.weight", "ff.norm.weight"},
    {"norm2.bias", "ff.norm.bias"},
};
constexpr NamePair kPreNorms[] = {
    {"norm1.weight", "attn.sublayer.norm.weight"},
    {"norm1.bias", "attn.sublayer.norm.bias"},
    {"norm2.weight", "ff.sublayer.norm.weight"},
    {"norm2.bias", "ff.sublayer.norm.bias"},
};

}  // namespace

std::vector<PeerParameter> reformer_fastai_parameters(const ModelConfig& config) {
  PeerNames names(config);
  names.add(kFastaiModel);
  for (int64_t i = 0; i < config.layers; ++i) {
    const std::string ours = fmt::format("layers.{}.", i);
    const std::string theirs = fmt::format("{}{}.", kFastaiLayer, i);
    names.add(kFastaiLayerParts, ours, theirs);
    if (config.norm == NormPosition::pre) {
      names.add(kPreNorms, ours, theirs);
    } else {
      names.add(kPostNorms, ours, theirs);
    }
  }
  constexpr NamePair kTied[] = {{"embedding.token.weight", kFastaiOutput}};
  if (config.tied_output) names.add(kTied, "", "", true);
  // Axial tables are laid out to be broadcast over [1, rows, columns, C].
  const int64_t first_dim = config.axial_first_dim, second_dim = config.model_dim - first_dim;
  names.reshape(kFastaiFirstAxial, {1, config.axial_rows, 1, first_dim});
  names.reshape(kFastaiSecondAxial, {1, 1, config.length / config.axial_rows, second_dim});
  return names.take();
}

}  // namespace reformer::internal
