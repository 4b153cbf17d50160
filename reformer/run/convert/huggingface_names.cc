#include "reformer/run/convert/huggingface_names.h"

#include <fmt/format.h>

#include <string>

namespace reformer::internal {
namespace {

constexpr std::string_view kFirstAxial = "reformer.embeddings.position_embeddings.weights.0";
constexpr std::string_view kSecondAxial = "reformer.embeddings.position_embeddings.weights.1";

constexpr NamePair kHuggingFaceModel[] = {
    {"embedding.token.weight", "reformer.embeddings.word_embeddings.weight"},
    {"embedding.position.weight", "reformer.embeddings.position_embeddings.embedding.weight"},
    {"embedding.position.first.weight", kFirstAxial},
    {"embedding.position.second.weight", kSecondAxial},
    {"final_norm.weight", "reformer.encoder.layer_norm.weight"},
    {"final_norm.bias", "reformer.encoder.layer_norm.bias"},
    {"output.weight", "lm_head.decoder.weight"},
    {"output.bias", "lm_head.bias"},
};
constexpr NamePair kModelAgain[] = {{"output.bias", "lm_head.decoder.bias"}};

// After "layers.I." here and "reformer.encoder.layers.I." there.
constexpr NamePair kHuggingFaceLayer[] = {
    {"norm1.weight", "attention.layer_norm.weight"},
    {"norm1.bias", "attention.layer_norm.bias"},
    {"attention.qk.weight", "attention.self_attention.query_key.weight"},
    {"attention.value.weight", "attention.self_attention.value.weight"},
    {"attention.out.weight", "attention.output.dense.weight"},
    {"norm2.weight", "feed_forward.layer_norm.weight"},
    {"norm2.bias", "feed_forward.layer_norm.bias"},
    {"feed_forward.in.weight", "feed_forward.dense.dense.weight"},
    {"feed_forward.in.bias", "feed_forward.dense.dense.bias"},
    {"feed_forward.out.weight", "feed_forward.output.dense.weight"},
    {"feed_forward.out.bias", "feed_forward.output.dense.bias"},
};

}  // namespace

std::vector<PeerParameter> huggingface_parameters(const ModelConfig& config) {
  PeerNames names(config);
  names.add(kHuggingFaceModel);
  names.add(kModelAgain, "", "", true);
  for (int64_t i = 0; i < config.layers; ++i) {
    names.add(kHuggingFaceLayer, fmt::format("layers.{}.", i),
              fmt::format("reformer.encoder.layers.{}.", i));
  }
  // Axial tables are laid out to be broadcast over [rows, columns, C].
  const int64_t first_dim = config.axial_first_dim, second_dim = config.model_dim - first_dim;
  names.reshape(kFirstAxial, {config.axial_rows, 1, first_dim});
  names.reshape(kSecondAxial, {1, config.length / config.axial_rows, second_dim});
  return names.take();
}

}  // namespace reformer::internal
