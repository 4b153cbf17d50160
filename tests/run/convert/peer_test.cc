// Models under the names of other programs: there and back with the same bits, what is refused.
#include "reformer/run/convert/peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/model/parameters.h"
#include "tests/support/temporary_directory.h"

namespace reformer {
namespace {

using testing::AllOf;
using testing::HasSubstr;

void nothing(ModelConfig&) {}

// A small model that LSHLM can express.
ModelConfig covered() {
  ModelConfig config = model_preset("smoke");
  config.vocabulary = 20;
  config.layers = 2;
  config.embedding_scale = std::sqrt(32.0);
  config.attention = AttentionKind::lsh;
  config.semantics = "seed";
  return config;
}

ModelConfig pre_norm() {
  ModelConfig config = covered();
  config.norm = NormPosition::pre;
  config.final_norm = true;
  config.tied_output = false;
  config.position = PositionKind::axial;
  config.axial_rows = 8;
  config.axial_first_dim = 12;
  config.causal = false;
  config.attention = AttentionKind::full;
  return config;
}

ModelFile model_of(const ModelConfig& config) {
  return {config, initial_parameters(config, 5), {{"steps_done", 7}}};
}

// The table as it would come from a file; owns its bytes.
struct Stored {
  std::string bytes;
  TensorTable table;

  explicit Stored(const TensorTable& source)
      : bytes(encode_safetensors(source)), table(parse_safetensors(bytes, "stored")) {}
  TensorView& tensor(std::string_view name) {
    return *std::ranges::find(table.tensors, name, &TensorView::name);
  }
  void remove(std::string_view name) {
    std::erase_if(table.tensors, [&](const TensorView& t) { return t.name == name; });
  }
  void add(const std::string& name, std::vector<int64_t> shape) {
    table.tensors.push_back({name, "F32", std::move(shape), {}});
  }
};

Stored fastai(const ModelFile& model) {
  return Stored(peer_table(Peer::reformer_fastai, model, "model"));
}

std::string refusal(Peer peer, const TensorTable& table, const CompleteConfig& complete = nothing) {
  try {
    model_from_peer(peer, table, "file", complete);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal_for(const ModelConfig& config, Peer peer = Peer::reformer_fastai) {
  const ModelFile model = model_of(config);
  try {
    peer_table(peer, model, "model");
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ReformerFastai, ThereAndBackIsTheSameModel) {
  for (const ModelConfig& config : {covered(), pre_norm()}) {
    const ModelFile model = model_of(config);
    const Stored stored = fastai(model);
    const ModelFile back = model_from_peer(Peer::reformer_fastai, stored.table, "file", nothing);
    EXPECT_EQ(back.config, config);
    EXPECT_EQ(back.training, model.training);
    ASSERT_EQ(back.parameters.size(), model.parameters.size());
    EXPECT_EQ(std::memcmp(back.parameters.data(), model.parameters.data(),
                          model.parameters.size() * sizeof(float)),
              0);
    EXPECT_EQ(encode_safetensors(peer_table(Peer::reformer_fastai, back, "model")), stored.bytes);
  }
}

// What `LSHLM(20, 32, n_layers=2, n_heads=2, d_ff=32, max_seq_len=32).state_dict()` has.
TEST(ReformerFastai, NamesAreTheirs) {
  const Stored stored = fastai(model_of(covered()));
  std::map<std::string, std::vector<int64_t>> expected = {{"emb.emb.weight", {20, 32}},
                                                          {"emb.pos_enc.emb.weight", {32, 32}},
                                                          {"proj.weight", {20, 32}},
                                                          {"proj.bias", {20}}};
  for (const std::string layer : {"encoder.layers.0.", "encoder.layers.1."}) {
    for (const std::string half : {"attn.", "ff."}) {
      expected[layer + half + "norm.weight"] = expected[layer + half + "norm.bias"] = {32};
    }
    const std::string attention = layer + "attn.sublayer.sublayer.";
    expected[attention + "in_proj.to_qk.weight"] = {32, 32};
    expected[attention + "in_proj.to_v.weight"] = {32, 32};
    expected[attention + "out_proj.weight"] = {32, 32};
    for (const std::string linear : {"0.", "3."}) {
      expected[layer + "ff.sublayer.sublayer.net." + linear + "weight"] = {32, 32};
      expected[layer + "ff.sublayer.sublayer.net." + linear + "bias"] = {32};
    }
  }
  std::map<std::string, std::vector<int64_t>> found;
  for (const TensorView& tensor : stored.table.tensors) found[tensor.name] = tensor.shape;
  EXPECT_EQ(found, expected);
}

TEST(ReformerFastai, PreNormAndAxialNamesAreTheirs) {
  Stored stored = fastai(model_of(pre_norm()));
  EXPECT_EQ(stored.tensor("emb.pos_enc.weights_0").shape, (std::vector<int64_t>{1, 8, 1, 12}));
  EXPECT_EQ(stored.tensor("emb.pos_enc.weights_1").shape, (std::vector<int64_t>{1, 1, 4, 20}));
  EXPECT_EQ(stored.tensor("encoder.layers.1.attn.sublayer.norm.bias").shape,
            (std::vector<int64_t>{32}));
  EXPECT_EQ(stored.tensor("encoder.norm.weight").shape, (std::vector<int64_t>{32}));
}

TEST(ReformerFastai, WhatTensorsDoNotTellIsAsked) {
  const ModelFile model = model_of(covered());
  Stored stored = fastai(model);
  stored.table.metadata.clear();
  EXPECT_THAT(refusal(Peer::reformer_fastai, stored.table),
              AllOf(HasSubstr("[--heads]"), HasSubstr("divides the width 32"), HasSubstr("try 4")));
  const ModelFile back =
      model_from_peer(Peer::reformer_fastai, stored.table, "file", [](ModelConfig& config) {
        config.heads = 2;
        config.chunk_length = 8;
        config.hash_rounds = 4;
      });
  EXPECT_EQ(back.parameters, model.parameters);
  EXPECT_EQ(back.config.buckets, 4);
  EXPECT_EQ(back.config.head_dim, 16);
  EXPECT_EQ(back.config.norm, NormPosition::post);
  EXPECT_TRUE(back.config.tied_output);
  EXPECT_TRUE(back.training.empty());
  EXPECT_THAT(
      refusal(Peer::reformer_fastai, stored.table, [](ModelConfig& config) { config.heads = 3; }),
      HasSubstr("[--heads]"));
}

TEST(ReformerFastai, OneNameOfATiedTensorIsEnough) {
  const ModelFile model = model_of(covered());
  Stored stored = fastai(model);
  std::string other(stored.tensor("proj.weight").bytes);
  stored.remove("proj.weight");
  const ModelFile tied = model_from_peer(Peer::reformer_fastai, stored.table, "file", nothing);
  EXPECT_EQ(tied.parameters, model.parameters);

  other[1] = static_cast<char>(other[1] ^ 1);
  stored.table.tensors.push_back({"proj.weight", "F32", {20, 32}, other});
  const ModelFile untied = model_from_peer(Peer::reformer_fastai, stored.table, "file", nothing);
  EXPECT_FALSE(untied.config.tied_output);
  EXPECT_EQ(untied.parameters.size(), model.parameters.size() + 20 * 32);
}

TEST(ReformerFastai, EveryFeatureThatOursLacksIsListed) {
  Stored stored = fastai(model_of(covered()));
  stored.add("encoder.layers.0.attn.sublayer.sublayer.in_proj.to_qk.bias", {0});
  stored.add("encoder.layers.1.attn.sublayer.sublayer.out_proj.bias", {0});
  stored.add("emb.pos_enc.inv_freq", {0});
  EXPECT_THAT(refusal(Peer::reformer_fastai, stored.table),
              AllOf(HasSubstr("fixed positions"), HasSubstr("a bias of queries and keys"),
                    HasSubstr("a bias after attention"), HasSubstr("layers.1.")));
}

TEST(ReformerFastai, MalformedFilesAreRefused) {
  const ModelFile model = model_of(covered());
  const auto after = [&](auto change) {
    Stored stored = fastai(model);
    change(stored);
    return refusal(Peer::reformer_fastai, stored.table);
  };
  EXPECT_THAT(after([](Stored& s) { s.table.tensors.clear(); }), HasSubstr("no emb.emb.weight"));
  EXPECT_THAT(after([](Stored& s) { s.remove("proj.bias"); }), HasSubstr("no tensor proj.bias"));
  EXPECT_THAT(after([](Stored& s) { s.remove("encoder.layers.1.ff.norm.bias"); }),
              HasSubstr("no tensor encoder.layers.1.ff.norm.bias"));
  EXPECT_THAT(after([](Stored& s) { s.remove("emb.pos_enc.emb.weight"); }),
              HasSubstr("no emb.pos_enc.emb.weight"));
  EXPECT_THAT(after([](Stored& s) { s.add("encoder.layer.0.x", {0}); }),
              HasSubstr("unknown tensor \"encoder.layer.0.x\""));
  EXPECT_THAT(after([](Stored& s) { s.add("encoder.layers.9999999999.x", {0}); }),
              HasSubstr("unknown tensor"));
  EXPECT_THAT(after([](Stored& s) { s.tensor("proj.bias").dtype = "F16"; }),
              HasSubstr("proj.bias is F16, not F32"));
  EXPECT_THAT(after([](Stored& s) { s.tensor("proj.bias").shape = {2, 10}; }),
              HasSubstr("proj.bias has shape [2, 10], not [20]"));
  EXPECT_THAT(after([](Stored& s) { s.tensor("emb.emb.weight").shape = {640}; }),
              HasSubstr("emb.emb.weight with 2 dimensions"));
  EXPECT_THAT(after([](Stored& s) { s.tensor("emb.emb.weight").shape = {0, 32}; }),
              HasSubstr("emb.emb.weight with 2 dimensions"));
  EXPECT_THAT(after([](Stored& s) { s.table.metadata["reformer_config"] = "{"; }),
              HasSubstr("[file: reformer_config]"));
  EXPECT_THAT(after([](Stored& s) { s.table.metadata["reformer_training"] = "3"; }),
              HasSubstr("[file: reformer_training]"));
  EXPECT_THAT(after([](Stored& s) { s.table.metadata["reformer"] = "1"; }), HasSubstr("--to"));

  std::string bytes(sizeof(float) * 20, '\0');
  const float bad = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(bytes.data() + 12, &bad, sizeof(bad));
  EXPECT_THAT(after([&](Stored& s) { s.tensor("proj.bias").bytes = bytes; }),
              HasSubstr("proj.bias holds nan at element 3"));
}

TEST(ReformerFastai, EverySettingThatItCannotFollowIsListed) {
  EXPECT_EQ(refusal_for(covered()), "accepted");
  EXPECT_THAT(refusal_for(model_preset("paper")),
              AllOf(HasSubstr("activation relu"), HasSubstr("norm_epsilon 1e-06"),
                    HasSubstr("embedding_scale 1 (theirs is 16"), HasSubstr("input_shift"),
                    HasSubstr("buckets 64 (theirs are length / chunk_length 32)"),
                    HasSubstr("semantics paper")));
  EXPECT_EQ(refusal_for(model_preset("seed")), "accepted");
  using Change = void (*)(ModelConfig&);
  const std::vector<std::pair<Change, std::string>> changes = {
      {[](ModelConfig& c) { c.head_dim = 8; }, "heads * head_dim 16 (theirs is model_dim 32)"},
      {[](ModelConfig& c) { c.position = PositionKind::fixed; }, "fixed positions"},
      {[](ModelConfig& c) { c.position = PositionKind::none; }, "no positions"},
      {[](ModelConfig& c) { c.final_norm = true; }, "final_norm true"},
      {[](ModelConfig& c) { c.norm = NormPosition::pre; }, "final_norm false"},
      {[](ModelConfig& c) { c.bucket_factor = 2; }, "bucket_factor 2"}};
  for (const auto& [change, message] : changes) {
    ModelConfig config = covered();
    change(config);
    EXPECT_THAT(refusal_for(config), HasSubstr(message));
  }
}

// Names as `ReformerLM(...).state_dict()` has them.
TEST(ReformerPytorch, EveryFeatureThatOursLacksIsListed) {
  TensorTable table;
  const auto add = [&](const std::string& name, std::vector<int64_t> shape) {
    table.tensors.push_back({name, "F32", std::move(shape), {}});
  };
  EXPECT_THAT(refusal(Peer::reformer_pytorch, table), HasSubstr("no reformer.layers.*"));
  const std::string layer = "reformer.layers.blocks.0.";
  add(layer + "f.net.norm.weight", {16});
  add(layer + "f.net.fn.toqk.weight", {128, 16});
  add(layer + "f.net.fn.tov.weight", {128, 16});
  add(layer + "f.net.fn.to_out.bias", {16});
  add(layer + "g.net.fn.fn.w1.weight", {64, 16});
  add(layer + "g.net.fn.fn.w2.weight", {16, 64});
  const std::string always = refusal(Peer::reformer_pytorch, table);
  EXPECT_THAT(always, AllOf(HasSubstr("two residual streams"), HasSubstr("a bias after")));
  EXPECT_EQ(std::ranges::count(always, ';'), 1) << always;

  for (const auto& [name, feature] : std::vector<std::pair<std::string, std::string>>{
           {"layer_pos_emb.inv_freq", "rotary positions"},
           {"pos_emb.inv_freq", "fixed positions"},
           {"pos_emb.weights_0", "axial positions that are summed"},
           {layer + "f.net.g", "scaled, without norms"},
           {layer + "f.net.norm.g", "norms that only scale"},
           {layer + "f.net.fn.mem_kv", "memory keys"},
           {"to_model_dim.weight", "another width"},
           {"out.1.tensor", "tied output"},
           {layer + "g.net.fn.values.weight", "product-key"}}) {
    TensorTable more = table;
    more.tensors.push_back({name, "F32", {1}, {}});
    const std::string message = refusal(Peer::reformer_pytorch, more);
    EXPECT_THAT(message, HasSubstr(feature));
    EXPECT_EQ(std::ranges::count(message, ';'), 2) << message;
  }
  table.tensors[2].shape = {64, 16};
  table.tensors[4].shape = {128, 16};
  EXPECT_THAT(refusal(Peer::reformer_pytorch, table),
              AllOf(HasSubstr("values that all heads share"), HasSubstr("a gated feed-forward")));
  EXPECT_THAT(refusal_for(covered(), Peer::reformer_pytorch), HasSubstr("two residual streams"));
}

TEST(HuggingFace, EveryFeatureThatOursLacksIsListed) {
  const test::TemporaryDirectory directory;
  const auto refusal_with = [&](const std::string& config) {
    write_file_atomically(directory / "config.json", config);
    try {
      load_peer_model(Peer::huggingface, directory.path(), nothing);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const std::vector<float> ones(8, 1);
  TensorTable table;
  table.tensors.push_back({"reformer.encoder.layer_norm.weight",
                           "F32",
                           {8},
                           {reinterpret_cast<const char*>(ones.data()), 32}});
  EXPECT_THAT(refusal_with(R"({"model_type": "reformer"})"), HasSubstr("model.safetensors"));
  write_file_atomically(directory / "model.safetensors", encode_safetensors(table));

  const std::string plain = refusal_with(
      R"({"model_type": "reformer", "attn_layers": ["lsh"], "hidden_act": "relu", "num_buckets": 8,
          "lsh_num_chunks_before": 1, "lsh_num_chunks_after": 0, "tie_word_embeddings": false})");
  EXPECT_THAT(plain, HasSubstr("two residual streams"));
  EXPECT_EQ(std::ranges::count(plain, ';'), 0) << plain;
  const std::string all = refusal_with(
      R"({"model_type": "reformer", "attn_layers": ["local", "lsh", "local"], "hidden_act": "silu",
          "num_buckets": [2, 4, 8], "lsh_num_chunks_before": 2, "lsh_num_chunks_after": 1,
          "tie_word_embeddings": true})");
  EXPECT_THAT(all, AllOf(HasSubstr("two residual streams"), HasSubstr("(2 in attn_layers)"),
                         HasSubstr("hidden_act \"silu\""), HasSubstr("3 factors"),
                         HasSubstr("lsh_num_chunks_before 2, not 1"),
                         HasSubstr("lsh_num_chunks_after 1, not 0"), HasSubstr("tied")));
  EXPECT_EQ(std::ranges::count(all, ';'), 6) << all;
  EXPECT_THAT(refusal_with(R"({"model_type": "bert"})"), HasSubstr("model_type reformer"));
  EXPECT_THAT(refusal_with("[]"), HasSubstr("model_type reformer"));
  EXPECT_THAT(refusal_with("{"), HasSubstr("config.json"));
}

}  // namespace
}  // namespace reformer
