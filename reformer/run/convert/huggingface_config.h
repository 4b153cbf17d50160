// The config.json of transformers' Reformer (version 4.35.2): what decides the function of a model.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/base/settings.h"

namespace reformer::internal {

struct HuggingFaceConfig {
  int64_t attention_head_size = 64;
  int64_t feed_forward_size = 512;
  int64_t hidden_size = 256;
  int64_t num_attention_heads = 12;
  int64_t num_hashes = 1;
  int64_t lsh_attn_chunk_length = 64;
  int64_t lsh_num_chunks_before = 1;
  int64_t lsh_num_chunks_after = 0;
  int64_t max_position_embeddings = 4096;
  int64_t vocab_size = 320;
  double layer_norm_eps = 1e-12;
  double hidden_dropout_prob = 0.05;
  std::string hidden_act = "relu";
  bool axial_pos_embds = true;
  bool is_decoder = false;
  bool tie_word_embeddings = false;

  std::vector<std::string> attn_layers = {"local", "lsh", "local", "lsh", "local", "lsh"};
  std::vector<int64_t> num_buckets;  // one, or the factors of a hash; empty: what length asks for
  std::vector<int64_t> axial_pos_shape = {64, 64};
  std::vector<int64_t> axial_pos_embds_dim = {64, 192};

  // All but the lists.
  template <class Visitor>
  void visit(Visitor&& v) {
    const Range sizes = between(0, 1 << 24);
    v("attention_head_size", attention_head_size, sizes, "D");
    v("feed_forward_size", feed_forward_size, sizes, "F");
    v("hidden_size", hidden_size, sizes, "C");
    v("num_attention_heads", num_attention_heads, sizes, "H");
    v("num_hashes", num_hashes, sizes, "R");
    v("lsh_attn_chunk_length", lsh_attn_chunk_length, between(1, 1 << 24), "S");
    v("lsh_num_chunks_before", lsh_num_chunks_before, sizes, "chunks that a query sees before");
    v("lsh_num_chunks_after", lsh_num_chunks_after, sizes, "chunks that a query sees after");
    v("max_position_embeddings", max_position_embeddings, sizes, "T");
    v("vocab_size", vocab_size, sizes, "V");
    v("layer_norm_eps", layer_norm_eps, between(0, 1), "added to the variance");
    v("hidden_dropout_prob", hidden_dropout_prob, between(0, 1), "dropout");
    v("hidden_act", hidden_act, "activation");
    v("axial_pos_embds", axial_pos_embds, "axial positions");
    v("is_decoder", is_decoder, "causal attention");
    v("tie_word_embeddings", tie_word_embeddings, "output tied to the token embedding");
  }
};

// Throws Error for what is no config.json of a Reformer. Keys that the program has no default for
// are no matter.
HuggingFaceConfig huggingface_config(const nlohmann::json& object, std::string_view where);

nlohmann::json to_json(const HuggingFaceConfig& config);

// Buckets that the program hashes into where the configuration leaves it open: 2 T / S, rounded
// down to a power of two, in two factors where they are many.
std::vector<int64_t> default_buckets(const HuggingFaceConfig& config, int64_t length);

}  // namespace reformer::internal
