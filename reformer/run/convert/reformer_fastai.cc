// reformer_fastai's LSHLM (version 0.0.2): the model of the seed report, and ours but for what its
// options allow: fixed positions in another order, biases in the projections of attention.
#include <algorithm>
#include <cmath>
#include <string>

#include "reformer/run/convert/lacks.h"
#include "reformer/run/convert/peer_settings.h"
#include "reformer/run/convert/peer_tensors.h"
#include "reformer/run/convert/peers.h"
#include "reformer/run/convert/reformer_fastai_names.h"

namespace reformer::internal {
namespace {

constexpr FeatureMark kFastaiLacking[] = {
    {"emb.pos_enc.inv_freq", "fixed positions, all sines before all cosines (ours alternate)"},
    {"emb.pos_enc.weights_2", "axial positions of three tables or more (ours are two)"},
    {"in_proj.to_qk.bias", "a bias of queries and keys"},
    {"in_proj.to_v.bias", "a bias of values"},
    {"out_proj.bias", "a bias after attention"},
    {"in_proj.to_q.", "queries and keys that are projected apart (ours share one projection)"},
    {"encoder.layers.blocks.", "reversible layers, of another class than LSHLM"},
    {"decoder.", "a decoder beside the encoder"},
};

void read_fastai_positions(const PeerTensors& tensors, ModelConfig& config) {
  if (tensors.contains(kFastaiFirstAxial)) {
    const std::vector<int64_t>& first = tensors.shape(kFastaiFirstAxial, 4);
    const std::vector<int64_t>& second = tensors.shape(kFastaiSecondAxial, 4);
    constexpr int64_t kMost = 1 << 24;  // tokens; so that the product is one
    config.position = PositionKind::axial;
    config.axial_rows = first[1];
    config.axial_first_dim = first[3];
    config.length = std::min(first[1], kMost) * std::min(second[2], kMost);
  } else {
    config.position = PositionKind::learned;
    config.length = tensors.shape(kFastaiPosition, 2)[0];
  }
}

// safetensors' own writers leave out one of two names of one tensor.
bool is_tied(const PeerTensors& tensors) {
  if (!tensors.contains(kFastaiOutput)) return true;
  return tensors.bytes(kFastaiOutput) == tensors.bytes(kFastaiToken);
}

ModelConfig fastai_config(const TensorTable& table, const PeerTensors& tensors,
                          std::string_view where, const CompleteConfig& complete) {
  ModelConfig config;
  config.heads = config.buckets = 0;
  config.attention = AttentionKind::lsh;
  config.hash_rounds = 8;
  config.semantics = "seed";
  read_settings(table, where, config);
  const std::vector<int64_t>& token = tensors.shape(kFastaiToken, 2);
  config.vocabulary = token[0];
  config.model_dim = token[1];
  config.embedding_scale = std::sqrt(static_cast<double>(token[1]));
  config.layers = tensors.count_layers(kFastaiLayer);
  const std::string first_layer(kFastaiLayer);
  config.feed_forward_dim =
      tensors.shape(first_layer + "0.ff.sublayer.sublayer.net.0.weight", 2)[0];
  const bool pre = tensors.contains(first_layer + "0" + std::string(kFastaiPreNorm));
  config.norm = pre ? NormPosition::pre : NormPosition::post;
  config.final_norm = tensors.contains(kFastaiFinalNorm);
  config.tied_output = is_tied(tensors);
  config.activation = Activation::gelu;
  config.norm_epsilon = 1e-5;
  config.input_shift = config.attention_bias = false;
  config.residual = Residual::single;
  config.axial_merge = AxialMerge::concatenate;
  read_fastai_positions(tensors, config);

  complete_settings(complete, {"length", "activation"}, config);
  derive_sizes(config.model_dim, config);
  validate(config);
  return config;
}

}  // namespace

ModelFile model_from_reformer_fastai(const TensorTable& table, std::string_view where,
                                     const CompleteConfig& complete) {
  const PeerTensors tensors(table, "LSHLM", where);
  tensors.shape(kFastaiToken, 2);
  Lacks lacks;
  add_marked(lacks, table.tensors, kFastaiLacking);
  lacks.fail_if_any(where, "a model that ours can express");

  ModelFile file;
  file.config = fastai_config(table, tensors, where, complete);
  file.parameters = read_parameters(reformer_fastai_parameters(file.config),
                                    parameter_layout(file.config), table.tensors, where);
  file.training = read_training(table, where);
  return file;
}

TensorTable reformer_fastai_table(const ModelFile& model, std::string_view where) {
  const ModelConfig& config = model.config;
  const double scale = std::sqrt(static_cast<double>(config.model_dim));
  Lacks lacks;
  if (config.heads * config.head_dim != config.model_dim) {
    lacks.add("heads * head_dim {} (theirs is model_dim {})", config.heads * config.head_dim,
              config.model_dim);
  }
  if (config.residual == Residual::two_streams) lacks.add("two residual streams");
  if (config.attention_bias) lacks.add("attention_bias");
  if (config.activation != Activation::gelu) lacks.add("activation relu (theirs is gelu)");
  if (config.norm_epsilon != 1e-5) {
    lacks.add("norm_epsilon {} (theirs is 1e-05)", config.norm_epsilon);
  }
  if (static_cast<float>(config.embedding_scale) != static_cast<float>(scale)) {
    lacks.add("embedding_scale {} (theirs is {}, the root of model_dim)", config.embedding_scale,
              scale);
  }
  if (config.position == PositionKind::fixed) {
    lacks.add("fixed positions (theirs have all sines before all cosines)");
  }
  if (config.position == PositionKind::none) lacks.add("no positions");
  if (config.position == PositionKind::rotary) lacks.add("rotary positions");
  if (config.position == PositionKind::axial && config.axial_merge == AxialMerge::sum) {
    lacks.add("axial positions that are summed");
  }
  if (config.input_shift) lacks.add("input_shift");
  if (config.final_norm != (config.norm == NormPosition::pre)) {
    lacks.add("final_norm {} (theirs is true with norm pre only)", config.final_norm);
  }
  if (config.bucket_factor != 0) lacks.add("bucket_factor {} (theirs is 0)", config.bucket_factor);
  if (config.buckets != config.length / config.chunk_length) {
    lacks.add("buckets {} (theirs are length / chunk_length {})", config.buckets,
              config.length / config.chunk_length);
  }
  if (config.semantics != "seed") {
    lacks.add("semantics {} (theirs is seed; semantics seed accepts that)", config.semantics);
  }
  lacks.fail_if_any(where, "a model that LSHLM of reformer_fastai can express");

  TensorTable table;
  table.metadata = settings_metadata(model);
  table.tensors = write_parameters(reformer_fastai_parameters(config), parameter_layout(config),
                                   model.parameters, where);
  return table;
}

}  // namespace reformer::internal
