// reformer-pytorch's ReformerLM (version 1.4.4): norms first, two residual streams whose mean goes
// on, a bias after attention. Whether its blocks are reversed or kept in memory is no matter.
#include <algorithm>
#include <string>

#include "reformer/run/convert/frequencies.h"
#include "reformer/run/convert/lacks.h"
#include "reformer/run/convert/peer_settings.h"
#include "reformer/run/convert/peer_tensors.h"
#include "reformer/run/convert/peers.h"
#include "reformer/run/convert/reformer_pytorch_names.h"

namespace reformer::internal {
namespace {

constexpr FeatureMark kPytorchLacking[] = {
    {"pos_emb.weights_2", "axial positions of three tables or more (ours are two)"},
    {".f.net.g", "layers that are scaled, without norms"},
    {".f.net.norm.g", "norms that only scale"},
    {".mem_kv", "memory keys and values"},
    {"to_model_dim.weight", "token embeddings of another width"},
    {"out.1.tensor", "an output tied to normalised token embeddings, without a bias"},
    {".fn.values.weight", "product-key memories in place of feed-forward"},
};

std::string in_first_layer(std::string_view name) {
  return std::string(kPytorchLayer) + "0" + std::string(name);
}

// What only the shapes of the first layer show.
void add_by_shape(Lacks& lacks, const PeerTensors& tensors) {
  const auto size = [&](std::string_view name, size_t axis) {
    return tensors.shape(in_first_layer(name), 2)[axis];
  };
  if (size(kPytorchQueryKey, 0) != size(kPytorchValue, 0)) {
    lacks.add("values that all heads share ({})", quote_text(in_first_layer(kPytorchValue)));
  }
  if (size(kPytorchFeedForwardIn, 0) != size(kPytorchFeedForwardOut, 1)) {
    lacks.add("a gated feed-forward ({})", quote_text(in_first_layer(kPytorchFeedForwardIn)));
  }
}

bool is_constant(const TensorView& tensor) {
  return tensor.name == kPytorchFixed || tensor.name == kPytorchRotary;
}

void add_constants(Lacks& lacks, const TensorTable& table, int64_t model_dim) {
  for (const TensorView& tensor : table.tensors) {
    if (!is_constant(tensor)) continue;
    const bool is_fixed = tensor.name == kPytorchFixed;
    const int64_t width = is_fixed || tensor.shape.size() != 1
                              ? model_dim
                              : 2 * std::min(tensor.shape[0], model_dim * 64);
    if (width % 2 != 0 || !are_frequencies(tensor, width)) {
      lacks.add("positions of other frequencies ({})", quote_text(tensor.name));
    }
  }
}

void read_pytorch_positions(const PeerTensors& tensors, ModelConfig& config) {
  config.position = PositionKind::none;
  config.axial_merge = AxialMerge::sum;
  config.sinusoids = Sinusoids::halves;
  if (tensors.contains(kPytorchFirstAxial)) {
    constexpr int64_t kMost = 1 << 24;  // tokens; so that the product is one
    config.position = PositionKind::axial;
    config.axial_rows = tensors.shape(kPytorchFirstAxial, 4)[1];
    config.length = std::min(config.axial_rows, kMost) *
                    std::min(tensors.shape(kPytorchSecondAxial, 4)[2], kMost);
  } else if (tensors.contains(kPytorchPosition)) {
    config.position = PositionKind::learned;
    config.length = tensors.shape(kPytorchPosition, 2)[0];
  } else if (tensors.contains(kPytorchFixed)) {
    config.position = PositionKind::fixed;
  }
}

ModelConfig pytorch_config(const TensorTable& table, const PeerTensors& tensors,
                           std::string_view where, const CompleteConfig& complete) {
  ModelConfig config;
  config.heads = config.buckets = config.length = 0;
  config.attention = AttentionKind::lsh;
  config.hash_rounds = 4;
  config.causal = false;
  config.semantics = "lucidrains";
  read_settings(table, where, config);
  const std::vector<int64_t>& token = tensors.shape(kPytorchToken, 2);
  config.vocabulary = token[0];
  config.model_dim = token[1];
  config.embedding_scale = 1;
  config.layers = tensors.count_layers(kPytorchLayer);
  config.feed_forward_dim = tensors.shape(in_first_layer(kPytorchFeedForwardIn), 2)[0];
  config.residual = Residual::two_streams;
  config.stream_merge = StreamMerge::mean;
  config.norm = NormPosition::pre;
  config.final_norm = config.attention_bias = true;
  config.norm_epsilon = 1e-5;
  config.tied_output = config.input_shift = false;
  const int64_t inner = tensors.shape(in_first_layer(kPytorchQueryKey), 2)[0];
  if (tensors.contains(kPytorchRotary)) {
    config.heads = inner / (2 * tensors.shape(kPytorchRotary, 1)[0]);
    complete_settings(complete, {"heads"}, config);
  }
  read_pytorch_positions(tensors, config);
  if (config.length > 0) {
    complete_settings(complete, {"length"}, config);
  } else {
    complete(config);
  }
  // Their full attention does not turn queries and keys.
  if (tensors.contains(kPytorchRotary) && config.attention == AttentionKind::lsh) {
    config.position = PositionKind::rotary;
  }
  derive_sizes(inner, config);
  validate(config);
  return config;
}

}  // namespace

ModelFile model_from_reformer_pytorch(const TensorTable& table, std::string_view where,
                                      const CompleteConfig& complete) {
  const PeerTensors tensors(table, "ReformerLM", where);
  const int64_t model_dim = tensors.shape(kPytorchToken, 2)[1];
  Lacks lacks;
  add_marked(lacks, table.tensors, kPytorchLacking);
  lacks.fail_if_any(where, "a model that ours can express");
  add_by_shape(lacks, tensors);
  add_constants(lacks, table, model_dim);
  lacks.fail_if_any(where, "a model that ours can express");

  ModelFile file;
  file.config = pytorch_config(table, tensors, where, complete);
  std::vector<TensorView> parameters = table.tensors;
  std::erase_if(parameters, is_constant);
  file.parameters = read_parameters(reformer_pytorch_parameters(file.config),
                                    parameter_layout(file.config), parameters, where);
  file.training = read_training(table, where);
  return file;
}

namespace {

void add_positions(Lacks& lacks, const ModelConfig& config) {
  const bool full = config.attention == AttentionKind::full;
  switch (config.position) {
    case PositionKind::learned:
      return;
    case PositionKind::axial:
      if (config.axial_merge != AxialMerge::sum) {
        lacks.add("axial_merge concatenate (theirs are summed)");
      }
      return;
    case PositionKind::fixed:
      if (config.sinusoids != Sinusoids::halves) {
        lacks.add("sinusoids alternating (theirs have all sines first)");
      }
      if (config.model_dim % 2 != 0) lacks.add("fixed positions of an odd width");
      return;
    case PositionKind::rotary:
      if (full) lacks.add("rotary positions with full attention (theirs go with LSH only)");
      return;
    case PositionKind::none:
      if (!full) lacks.add("no positions with LSH attention (theirs are then rotary)");
      if (config.head_dim % 2 != 0) lacks.add("no positions with an odd head_dim");
  }
}

void add_settings(Lacks& lacks, const ModelConfig& config) {
  if (config.residual != Residual::two_streams) lacks.add("one residual stream (theirs are two)");
  if (config.residual == Residual::two_streams && config.stream_merge != StreamMerge::mean) {
    lacks.add("stream_merge concatenate (theirs is mean)");
  }
  if (config.norm != NormPosition::pre) lacks.add("norm post (theirs is pre)");
  if (!config.final_norm) lacks.add("final_norm false (theirs is true)");
  if (!config.attention_bias) lacks.add("attention_bias false (theirs is true)");
  if (config.tied_output) lacks.add("tied_output true (theirs is normalised and has no bias)");
  if (config.norm_epsilon != 1e-5) {
    lacks.add("norm_epsilon {} (theirs is 1e-05)", config.norm_epsilon);
  }
  if (config.embedding_scale != 1) {
    lacks.add("embedding_scale {} (theirs is 1)", config.embedding_scale);
  }
  if (config.feed_forward_dim % config.model_dim != 0) {
    lacks.add("feed_forward_dim {} (theirs is a multiple of model_dim {})", config.feed_forward_dim,
              config.model_dim);
  }
  if (config.input_shift) lacks.add("input_shift");
  if (config.bucket_factor != 0) lacks.add("bucket_factor {} (theirs is 0)", config.bucket_factor);
  if (config.buckets != config.length / config.chunk_length) {
    lacks.add("buckets {} (theirs are length / chunk_length {})", config.buckets,
              config.length / config.chunk_length);
  }
  if (config.semantics != "lucidrains") {
    lacks.add("semantics {} (theirs is lucidrains; semantics lucidrains accepts that)",
              config.semantics);
  }
}

}  // namespace

TensorTable reformer_pytorch_table(const ModelFile& model, std::string_view where) {
  const ModelConfig& config = model.config;
  Lacks lacks;
  add_settings(lacks, config);
  add_positions(lacks, config);
  lacks.fail_if_any(where, "a model that ReformerLM of reformer-pytorch can express");

  TensorTable table;
  table.metadata = settings_metadata(model);
  table.tensors = write_parameters(reformer_pytorch_parameters(config), parameter_layout(config),
                                   model.parameters, where);
  const bool is_fixed = config.position == PositionKind::fixed;
  if (is_fixed || config.position == PositionKind::rotary ||
      config.position == PositionKind::none) {
    const int64_t width = is_fixed ? config.model_dim : config.head_dim;
    table.owned.push_back(frequencies(width));
    table.tensors.push_back({std::string(is_fixed ? kPytorchFixed : kPytorchRotary),
                             "F32",
                             {width / 2},
                             table.owned.back()});
  }
  return table;
}

}  // namespace reformer::internal
