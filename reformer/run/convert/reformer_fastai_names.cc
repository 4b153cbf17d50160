#include "reformer/run/convert/reformer_fastai_names.h"

#include <fmt/format.h>

#include <string>

namespace reformer::internal {
namespace {

struct NamePair {
  std::string_view ours, theirs;
};

constexpr NamePair kModel[] = {
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
constexpr NamePair kLayer[] = {
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

// Axial tables are laid out to be broadcast over [1, rows, columns, C].
std::vector<int64_t> their_shape(const ParameterInfo& info, std::string_view theirs) {
  if (theirs == kFastaiFirstAxial) return {1, info.shape[0], 1, info.shape[1]};
  if (theirs == kFastaiSecondAxial) return {1, 1, info.shape[0], info.shape[1]};
  return info.shape;
}

}  // namespace

std::vector<PeerParameter> reformer_fastai_parameters(const ModelConfig& config) {
  const ParameterLayout layout = parameter_layout(config);
  std::vector<PeerParameter> parameters;
  const auto add = [&](const std::string& ours, const std::string& theirs) {
    if (!layout.contains(ours)) return;  // of another kind of model
    parameters.push_back({ours, theirs, their_shape(layout.at(ours), theirs)});
  };
  for (const NamePair& pair : kModel) add(std::string(pair.ours), std::string(pair.theirs));
  for (int64_t i = 0; i < config.layers; ++i) {
    const auto add_in_layer = [&](const NamePair& pair) {
      add(fmt::format("layers.{}.{}", i, pair.ours),
          fmt::format("{}{}.{}", kFastaiLayer, i, pair.theirs));
    };
    for (const NamePair& pair : kLayer) add_in_layer(pair);
    for (const NamePair& pair : config.norm == NormPosition::pre ? kPreNorms : kPostNorms) {
      add_in_layer(pair);
    }
  }
  if (config.tied_output) {
    const PeerParameter token = parameters.front();
    parameters.push_back({token.ours, std::string(kFastaiOutput), token.shape, true});
  }
  return parameters;
}

}  // namespace reformer::internal
