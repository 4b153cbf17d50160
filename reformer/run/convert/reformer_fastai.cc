// reformer_fastai's LSHLM (version 0.0.2): the model of the seed report, and ours but for what its
// options allow: fixed positions in another order, biases in the projections of attention.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>

#include "reformer/base/json.h"
#include "reformer/run/convert/lacks.h"
#include "reformer/run/convert/peers.h"
#include "reformer/run/convert/reformer_fastai_names.h"

namespace reformer::internal {
namespace {

// Where `reformer_fastai_table` leaves what the tensors do not tell.
const std::string kSettings = "reformer_config";
const std::string kTraining = "reformer_training";

constexpr FeatureMark kLacking[] = {
    {"emb.pos_enc.inv_freq", "fixed positions, all sines before all cosines (ours alternate)"},
    {"emb.pos_enc.weights_2", "axial positions of three tables or more (ours are two)"},
    {"in_proj.to_qk.bias", "a bias of queries and keys"},
    {"in_proj.to_v.bias", "a bias of values"},
    {"out_proj.bias", "a bias after attention"},
    {"in_proj.to_q.", "queries and keys that are projected apart (ours share one projection)"},
    {"encoder.layers.blocks.", "reversible layers, with two residual streams (ours have one)"},
    {"decoder.", "a decoder beside the encoder"},
};

using Tensors = std::map<std::string_view, const TensorView*>;

const std::vector<int64_t>& shape_of(const Tensors& tensors, std::string_view name, size_t rank,
                                     std::string_view where) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) {
    fail(where, "expected the parameters of LSHLM, found no {}; try --from for another program",
         name);
  }
  const std::vector<int64_t>& shape = found->second->shape;
  const bool is_empty = std::ranges::count(shape, 0) > 0;
  if (shape.size() != rank || is_empty) {
    fail(where, "expected {} with {} dimensions, found [{}]", name, rank, fmt::join(shape, ", "));
  }
  return shape;
}

int64_t count_layers(const Tensors& tensors) {
  int64_t layers = 0;
  for (const auto& [name, tensor] : tensors) {
    if (!name.starts_with(kFastaiLayer)) continue;
    const std::string_view rest = name.substr(kFastaiLayer.size());
    int64_t index = -1;
    std::from_chars(rest.data(), rest.data() + rest.size(), index);
    if (index >= 0 && index < 1024) layers = std::max(layers, index + 1);
  }
  return layers;
}

void read_positions(const Tensors& tensors, std::string_view where, ModelConfig& config) {
  if (tensors.contains(kFastaiFirstAxial)) {
    const std::vector<int64_t>& first = shape_of(tensors, kFastaiFirstAxial, 4, where);
    const std::vector<int64_t>& second = shape_of(tensors, kFastaiSecondAxial, 4, where);
    constexpr int64_t kMost = 1 << 24;  // tokens; so that the product is one
    config.position = PositionKind::axial;
    config.axial_rows = first[1];
    config.axial_first_dim = first[3];
    config.length = std::min(first[1], kMost) * std::min(second[2], kMost);
  } else {
    config.position = PositionKind::learned;
    config.length = shape_of(tensors, kFastaiPosition, 2, where)[0];
  }
}

// safetensors' own writers leave out one of two names of one tensor.
bool is_tied(const Tensors& tensors) {
  if (!tensors.contains(kFastaiOutput)) return true;
  return tensors.at(kFastaiOutput)->bytes == tensors.at(kFastaiToken)->bytes;
}

ModelConfig config_of(const TensorTable& table, const Tensors& tensors, std::string_view where,
                      const CompleteConfig& complete) {
  ModelConfig config;
  config.heads = config.buckets = 0;
  config.attention = AttentionKind::lsh;
  config.hash_rounds = 8;
  config.semantics = "seed";
  if (table.metadata.contains(kSettings)) {
    const std::string origin = fmt::format("{}: {}", where, kSettings);
    settings_from_json(settings_of(config), parse_json(table.metadata.at(kSettings), origin),
                       origin);
  }
  const std::vector<int64_t>& token = shape_of(tensors, kFastaiToken, 2, where);
  config.vocabulary = token[0];
  config.model_dim = token[1];
  config.embedding_scale = std::sqrt(static_cast<double>(token[1]));
  config.layers = count_layers(tensors);
  const std::string first_layer(kFastaiLayer);
  config.feed_forward_dim =
      shape_of(tensors, first_layer + "0.ff.sublayer.sublayer.net.0.weight", 2, where)[0];
  const bool pre = tensors.contains(first_layer + "0" + std::string(kFastaiPreNorm));
  config.norm = pre ? NormPosition::pre : NormPosition::post;
  config.final_norm = tensors.contains(kFastaiFinalNorm);
  config.tied_output = is_tied(tensors);
  config.activation = Activation::gelu;
  config.norm_epsilon = 1e-5;
  config.input_shift = false;
  read_positions(tensors, where, config);

  complete(config);
  if (config.heads < 1 || config.model_dim % config.heads != 0) {
    fail("--heads",
         "expected a number of heads that divides the width {}, for the tensors do not tell it; "
         "try {}",
         config.model_dim, config.model_dim % 4 == 0 ? 4 : 1);
  }
  config.head_dim = config.model_dim / config.heads;
  if (config.buckets == 0 && config.chunk_length > 0) {
    config.buckets = config.length / config.chunk_length;
  }
  validate(config);
  return config;
}

}  // namespace

ModelFile model_from_reformer_fastai(const TensorTable& table, std::string_view where,
                                     const CompleteConfig& complete) {
  Tensors tensors;
  for (const TensorView& tensor : table.tensors) tensors[tensor.name] = &tensor;
  shape_of(tensors, kFastaiToken, 2, where);
  Lacks lacks;
  add_marked(lacks, table.tensors, kLacking);
  lacks.fail_if_any(where, "a model that ours can express");

  ModelFile file;
  file.config = config_of(table, tensors, where, complete);
  file.parameters = read_parameters(reformer_fastai_parameters(file.config),
                                    parameter_layout(file.config), table.tensors, where);
  file.training = nlohmann::json::object();
  if (table.metadata.contains(kTraining)) {
    file.training = metadata_object(table.metadata, kTraining, std::string(where));
  }
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
    lacks.add("semantics {} (theirs is seed; --semantics seed accepts that)", config.semantics);
  }
  lacks.fail_if_any(where, "a model that LSHLM of reformer_fastai can express");

  ModelConfig copy = config;  // a visit is not const
  TensorTable table;
  table.metadata = {{"format", "pt"},
                    {kSettings, settings_to_json(settings_of(copy)).dump()},
                    {kTraining, model.training.dump()}};
  table.tensors = write_parameters(reformer_fastai_parameters(config), parameter_layout(config),
                                   model.parameters, where);
  return table;
}

}  // namespace reformer::internal
