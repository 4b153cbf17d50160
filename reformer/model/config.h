// The settings of a language model. The two published models, LSHLM of the seed report and
// TransformerLM of the paper, are two values of this struct.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reformer/base/settings.h"

namespace reformer {

enum class AttentionKind { full, lsh };
enum class NormPosition { pre, post };
// single: attention and feed-forward are added to one stream. two_streams: each is added to a
// stream of its own and reads the other, as in the paper's reversible layers (Kitaev et al. 2020,
// section 3); both start as the embedding.
enum class Residual { single, two_streams };
// What two streams become at the end: their mean [C], or one beside the other [2 C].
enum class StreamMerge { mean, concatenate };
enum class Activation { gelu, relu };
// learned: a table [T, C]; fixed: sinusoids that are not trained; axial: two tables whose rows are
// put together (Kitaev et al. 2020, section 4); rotary: nothing is added to the embedding, but each
// head turns its queries and keys by their position (Su et al. 2021) after they were hashed; none.
enum class PositionKind { learned, fixed, axial, rotary, none };
// A row of the first axial table and one of the second: side by side, or their sum.
enum class AxialMerge { concatenate, sum };
// Sines and cosines of a position take turns, or all sines come first.
enum class Sinusoids { alternating, halves };
enum class PositionInit { normal, sinusoidal };
// How weight matrices start: Xavier uniform (Glorot and Bengio 2010) is what both programs use.
enum class BiasInit { fan_in_uniform, tiny_normal };
enum class EmbeddingInit { truncated_normal, glorot_uniform };
// How an output projection of its own starts: Xavier uniform, or as a copy of the token embedding.
enum class OutputInit { glorot_uniform, token_embedding };

template <>
struct EnumNames<AttentionKind> {
  static constexpr std::pair<AttentionKind, std::string_view> names[] = {
      {AttentionKind::full, "full"}, {AttentionKind::lsh, "lsh"}};
};
template <>
struct EnumNames<NormPosition> {
  static constexpr std::pair<NormPosition, std::string_view> names[] = {
      {NormPosition::pre, "pre"}, {NormPosition::post, "post"}};
};
template <>
struct EnumNames<Residual> {
  static constexpr std::pair<Residual, std::string_view> names[] = {
      {Residual::single, "single"}, {Residual::two_streams, "two-streams"}};
};
template <>
struct EnumNames<StreamMerge> {
  static constexpr std::pair<StreamMerge, std::string_view> names[] = {
      {StreamMerge::mean, "mean"}, {StreamMerge::concatenate, "concatenate"}};
};
template <>
struct EnumNames<AxialMerge> {
  static constexpr std::pair<AxialMerge, std::string_view> names[] = {
      {AxialMerge::concatenate, "concatenate"}, {AxialMerge::sum, "sum"}};
};
template <>
struct EnumNames<Sinusoids> {
  static constexpr std::pair<Sinusoids, std::string_view> names[] = {
      {Sinusoids::alternating, "alternating"}, {Sinusoids::halves, "halves"}};
};
template <>
struct EnumNames<Activation> {
  static constexpr std::pair<Activation, std::string_view> names[] = {{Activation::gelu, "gelu"},
                                                                      {Activation::relu, "relu"}};
};
template <>
struct EnumNames<PositionKind> {
  static constexpr std::pair<PositionKind, std::string_view> names[] = {
      {PositionKind::learned, "learned"},
      {PositionKind::fixed, "fixed"},
      {PositionKind::axial, "axial"},
      {PositionKind::rotary, "rotary"},
      {PositionKind::none, "none"}};
};
template <>
struct EnumNames<PositionInit> {
  static constexpr std::pair<PositionInit, std::string_view> names[] = {
      {PositionInit::normal, "normal"}, {PositionInit::sinusoidal, "sinusoidal"}};
};
template <>
struct EnumNames<BiasInit> {
  static constexpr std::pair<BiasInit, std::string_view> names[] = {
      {BiasInit::fan_in_uniform, "fan-in-uniform"}, {BiasInit::tiny_normal, "tiny-normal"}};
};
template <>
struct EnumNames<EmbeddingInit> {
  static constexpr std::pair<EmbeddingInit, std::string_view> names[] = {
      {EmbeddingInit::truncated_normal, "truncated-normal"},
      {EmbeddingInit::glorot_uniform, "glorot-uniform"}};
};
template <>
struct EnumNames<OutputInit> {
  static constexpr std::pair<OutputInit, std::string_view> names[] = {
      {OutputInit::glorot_uniform, "glorot-uniform"},
      {OutputInit::token_embedding, "token-embedding"}};
};

struct ModelConfig {
  int64_t vocabulary = 128;
  int64_t length = 1024;  // T: the sequence length, and the number of positions
  int64_t layers = 1;
  int64_t model_dim = 256;
  int64_t heads = 4;
  int64_t head_dim = 64;
  int64_t feed_forward_dim = 256;

  Residual residual = Residual::single;
  StreamMerge stream_merge = StreamMerge::mean;
  NormPosition norm = NormPosition::post;
  bool final_norm = false;
  double norm_epsilon = 1e-5;
  bool attention_bias = false;  // after the output projection
  Activation activation = Activation::gelu;
  bool tied_output = true;
  EmbeddingInit embedding_init = EmbeddingInit::truncated_normal;
  double embedding_scale = 16;  // multiplies the embedding when it is read
  PositionKind position = PositionKind::learned;
  Sinusoids sinusoids = Sinusoids::alternating;
  PositionInit position_init = PositionInit::normal;
  double position_std = 1;
  AxialMerge axial_merge = AxialMerge::concatenate;
  int64_t axial_rows = 32;  // the first axial table has so many rows, the second T / axial_rows
  int64_t axial_first_dim = 64;  // side by side: so many columns, the second the rest of C
  BiasInit bias_init = BiasInit::fan_in_uniform;
  // Attention's output projection starts as copy_gain times the transposed value projection, so
  // that what a head attends to is copied to the residual stream; 0: like the other matrices.
  double copy_gain = 0;
  OutputInit output_init = OutputInit::glorot_uniform;
  bool input_shift = false;  // row t reads token t - 1 and predicts token t
  double dropout = 0;

  AttentionKind attention = AttentionKind::full;
  int64_t hash_rounds = 4;
  int64_t buckets = 16;
  int64_t bucket_factor = 0;
  int64_t chunk_length = 64;
  bool causal = true;
  std::string semantics = "consistent";

  bool operator==(const ModelConfig&) const = default;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("vocabulary", vocabulary, between(2, 1 << 24), "number of symbols V");
    v("length", length, between(2, 1 << 24), "sequence length T");
    v("layers", layers, between(1, 1024), "number of blocks L");
    v("model_dim", model_dim, between(1, 65536), "width C of the residual stream");
    v("heads", heads, between(1, 1024), "attention heads H");
    v("head_dim", head_dim, between(1, 4096), "width D of one head");
    v("feed_forward_dim", feed_forward_dim, between(1, 1 << 20), "feed-forward width F");
    v("residual", residual, "residual streams, two as in reversible layers");
    v("stream_merge", stream_merge, "what two streams become at the end");
    v("norm", norm, "layer norm before or after each residual sum");
    v("final_norm", final_norm, "layer norm before the output projection");
    v("norm_epsilon", norm_epsilon, between(1e-12, 1), "added to the variance in layer norm");
    v("attention_bias", attention_bias, "bias after the output projection of attention");
    v("activation", activation, "non-linearity of the feed-forward block");
    v("tied_output", tied_output, "output projection shares the token embedding");
    v("embedding_init", embedding_init, "distribution of the token embedding at the start");
    v("embedding_scale", embedding_scale, between(1e-6, 1e6), "factor of token embeddings");
    v("position", position, "kind of position embedding");
    v("sinusoids", sinusoids, "order of sines and cosines in a sinusoidal position");
    v("position_init", position_init, "start of learned positions");
    v("position_std", position_std, between(0, 1e3), "standard deviation of normal positions");
    v("axial_merge", axial_merge, "how rows of the two axial tables are put together");
    v("axial_rows", axial_rows, at_least(1), "rows of the first axial table");
    v("axial_first_dim", axial_first_dim, at_least(1), "columns of the first axial table");
    v("bias_init", bias_init, "distribution of biases at the start");
    v("copy_gain", copy_gain, between(0, 1e3),
      "attention's output starts as so many transposed value matrices; 0: Xavier");
    v("output_init", output_init, "start of an output projection that is not tied");
    v("input_shift", input_shift, "row t reads token t-1 and predicts token t");
    v("dropout", dropout, between(0, 0.999), "probability that an activation is dropped");
    v("attention", attention, "attention that the model is trained with");
    v("hash_rounds", hash_rounds, between(1, 64), "hash rounds R of LSH attention");
    v("buckets", buckets, between(2, 1 << 20), "hash buckets N of one round, even");
    v("bucket_factor", bucket_factor, between(0, 1 << 20),
      "buckets of the first of two hashes that make one, 0: one hash");
    v("chunk_length", chunk_length, between(1, 1 << 20), "chunk length S, a divisor of T");
    v("causal", causal, "a query sees no later key");
    v("semantics", semantics, "meaning of attention: consistent, seed, paper, ...");
  }
};

// "seed" (LSHLM with SyntheticConfig), "paper" (TransformerLM with transformer_copy.gin); "laptop"
// and "smoke" are smaller; "full", "full-seed" and "full-paper" are the published models with a
// start from which they learn soon.
const std::vector<std::string>& model_preset_names();
ModelConfig model_preset(std::string_view name);

// Width of what the final norm and the output projection read: C, or 2 C of two streams side by
// side.
int64_t output_width(const ModelConfig& config);

// Throws Error when fields contradict each other (chunk does not divide T, odd buckets, ...).
void validate(const ModelConfig& config);

}  // namespace reformer
