// transformers' Reformer with a language model's head (version 4.35.2): norms first, two residual
// streams that lie side by side in the last layer norm [2 C] and the output projection [V, 2 C].
#include <algorithm>
#include <string>

#include "reformer/run/convert/huggingface_config.h"
#include "reformer/run/convert/huggingface_names.h"
#include "reformer/run/convert/lacks.h"
#include "reformer/run/convert/peer_settings.h"
#include "reformer/run/convert/peers.h"

namespace reformer::internal {
namespace {

constexpr FeatureMark kHuggingFaceLacking[] = {
    {"classifier.", "a head that classifies"},
    {"qa_outputs.", "a head that answers questions"},
};

void add_settings(Lacks& lacks, const HuggingFaceConfig& theirs) {
  if (theirs.lsh_num_chunks_before != 1) {
    lacks.add("chunks that a query sees before its own (lsh_num_chunks_before {}, not 1)",
              theirs.lsh_num_chunks_before);
  }
  if (theirs.lsh_num_chunks_after != 0) {
    lacks.add("chunks that a query sees after its own (lsh_num_chunks_after {}, not 0)",
              theirs.lsh_num_chunks_after);
  }
  if (theirs.tie_word_embeddings) {
    lacks.add("an output tied to the token embedding (tie_word_embeddings true, not false)");
  }
  const auto local = std::ranges::count(theirs.attn_layers, "local");
  if (local > 0) lacks.add("layers with local attention ({} in attn_layers)", local);
  if (theirs.hidden_act != "relu" && theirs.hidden_act != "gelu") {
    lacks.add("another activation than relu and gelu (hidden_act {})",
              quote_text(theirs.hidden_act));
  }
  if (theirs.num_buckets.size() > 2) {
    lacks.add("a hash of {} factors (num_buckets)", theirs.num_buckets.size());
  }
  if (!theirs.axial_pos_embds) return;
  const std::vector<int64_t>& shape = theirs.axial_pos_shape;
  if (shape.size() != 2 || theirs.axial_pos_embds_dim.size() != 2) {
    lacks.add("axial positions of {} tables (axial_pos_shape; ours are two)", shape.size());
  } else if (shape[0] * shape[1] != theirs.max_position_embeddings) {
    lacks.add("axial positions of {} tokens, not max_position_embeddings {}", shape[0] * shape[1],
              theirs.max_position_embeddings);
  }
}

// How attention hashes. Up to one chunk it is full.
void read_attention(const HuggingFaceConfig& theirs, ModelConfig& config) {
  config.causal = theirs.is_decoder;
  config.hash_rounds = theirs.num_hashes;
  if (config.length <= theirs.lsh_attn_chunk_length) {
    config.attention = AttentionKind::full;
    return;
  }
  config.attention = AttentionKind::lsh;
  config.chunk_length = theirs.lsh_attn_chunk_length;
  const std::vector<int64_t> buckets =
      theirs.num_buckets.empty() ? default_buckets(theirs, config.length) : theirs.num_buckets;
  config.bucket_factor = buckets.size() == 2 ? buckets[0] : 0;
  config.buckets = buckets.size() == 2 ? buckets[0] * buckets[1] : buckets[0];
}

ModelConfig huggingface_config(const TensorTable& table, const HuggingFaceConfig& theirs,
                               std::string_view where, const CompleteConfig& complete) {
  ModelConfig config;
  // One that fits any length, for full attention without our own metadata.
  config.chunk_length = 1;
  config.buckets = 2;
  read_settings(table, where, config);
  config.vocabulary = theirs.vocab_size;
  config.model_dim = theirs.hidden_size;
  config.embedding_scale = 1;
  config.length = theirs.max_position_embeddings;
  config.layers = static_cast<int64_t>(theirs.attn_layers.size());
  config.heads = theirs.num_attention_heads;
  config.feed_forward_dim = theirs.feed_forward_size;
  config.residual = Residual::two_streams;
  config.stream_merge = StreamMerge::concatenate;
  config.norm = NormPosition::pre;
  config.final_norm = true;
  config.norm_epsilon = theirs.layer_norm_eps;
  config.activation = theirs.hidden_act == "relu" ? Activation::relu : Activation::gelu;
  config.tied_output = config.input_shift = config.attention_bias = false;
  config.position = theirs.axial_pos_embds ? PositionKind::axial : PositionKind::learned;
  config.axial_merge = AxialMerge::concatenate;
  if (theirs.axial_pos_embds) {
    config.axial_rows = theirs.axial_pos_shape[0];
    config.axial_first_dim = theirs.axial_pos_embds_dim[0];
  }
  config.semantics = "huggingface";
  read_attention(theirs, config);

  complete_settings(complete, {"length", "heads", "activation"}, config);
  derive_sizes(config.heads * theirs.attention_head_size, config);
  validate(config);
  return config;
}

void add_settings(Lacks& lacks, const ModelConfig& config) {
  if (config.residual != Residual::two_streams) lacks.add("one residual stream (theirs are two)");
  if (config.residual == Residual::two_streams && config.stream_merge != StreamMerge::concatenate) {
    lacks.add("stream_merge mean (theirs is concatenate)");
  }
  if (config.norm != NormPosition::pre) lacks.add("norm post (theirs is pre)");
  if (!config.final_norm) lacks.add("final_norm false (theirs is true)");
  if (config.attention_bias) lacks.add("attention_bias true (theirs is false)");
  if (config.tied_output) lacks.add("tied_output true (theirs has twice the width)");
  if (config.embedding_scale != 1) {
    lacks.add("embedding_scale {} (theirs is 1)", config.embedding_scale);
  }
  if (config.position == PositionKind::axial && config.axial_merge == AxialMerge::sum) {
    lacks.add("axial_merge sum (theirs lie side by side)");
  }
  if (config.position != PositionKind::axial && config.position != PositionKind::learned) {
    lacks.add("position {} (theirs is learned or axial)", enum_name(config.position));
  }
  if (config.input_shift) lacks.add("input_shift");
  if (config.attention == AttentionKind::lsh && config.chunk_length == config.length) {
    lacks.add("LSH attention over one chunk (theirs is then full)");
  }
  if (config.semantics != "huggingface") {
    lacks.add("semantics {} (theirs is huggingface; semantics huggingface accepts that)",
              config.semantics);
  }
}

HuggingFaceConfig their_config(const ModelConfig& config) {
  HuggingFaceConfig theirs;
  theirs.attention_head_size = config.head_dim;
  theirs.feed_forward_size = config.feed_forward_dim;
  theirs.hidden_size = config.model_dim;
  theirs.num_attention_heads = config.heads;
  theirs.num_hashes = config.hash_rounds;
  const bool full = config.attention == AttentionKind::full;
  theirs.lsh_attn_chunk_length = full ? config.length : config.chunk_length;
  theirs.max_position_embeddings = config.length;
  theirs.vocab_size = config.vocabulary;
  theirs.layer_norm_eps = config.norm_epsilon;
  theirs.hidden_dropout_prob = config.dropout;
  theirs.hidden_act = enum_name(config.activation);
  theirs.axial_pos_embds = config.position == PositionKind::axial;
  theirs.is_decoder = config.causal;
  theirs.attn_layers.assign(static_cast<size_t>(config.layers), "lsh");
  theirs.num_buckets = {config.buckets};
  if (config.bucket_factor != 0) {
    theirs.num_buckets = {config.bucket_factor, config.buckets / config.bucket_factor};
  }
  if (theirs.axial_pos_embds) {
    theirs.axial_pos_shape = {config.axial_rows, config.length / config.axial_rows};
    theirs.axial_pos_embds_dim = {config.axial_first_dim,
                                  config.model_dim - config.axial_first_dim};
  }
  return theirs;
}

}  // namespace

ModelFile model_from_huggingface(const PeerModel& model, std::string_view where,
                                 const CompleteConfig& complete) {
  const HuggingFaceConfig theirs = huggingface_config(model.config, where);
  Lacks lacks;
  add_marked(lacks, model.table.tensors, kHuggingFaceLacking);
  add_settings(lacks, theirs);
  lacks.fail_if_any(where, "a model that ours can express");

  ModelFile file;
  file.config = huggingface_config(model.table, theirs, where, complete);
  file.parameters = read_parameters(huggingface_parameters(file.config),
                                    parameter_layout(file.config), model.table.tensors, where);
  file.training = read_training(model.table, where);
  return file;
}

PeerModel huggingface_model(const ModelFile& model, std::string_view where) {
  Lacks lacks;
  add_settings(lacks, model.config);
  lacks.fail_if_any(where, "a model that ReformerModelWithLMHead of transformers can express");

  PeerModel theirs;
  theirs.config = to_json(their_config(model.config));
  theirs.table.metadata = settings_metadata(model);
  theirs.table.tensors = write_parameters(huggingface_parameters(model.config),
                                          parameter_layout(model.config), model.parameters, where);
  return theirs;
}

}  // namespace reformer::internal
