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

using Change = void (*)(ModelConfig&);

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
  nlohmann::json config;

  explicit Stored(const PeerModel& source)
      : bytes(encode_safetensors(source.table)),
        table(parse_safetensors(bytes, "stored")),
        config(source.config) {}
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

Stored stored_as(Peer peer, const ModelFile& model) {
  return Stored(peer_model(peer, model, "model"));
}

Stored fastai(const ModelFile& model) { return stored_as(Peer::reformer_fastai, model); }

ModelFile read(Peer peer, const Stored& stored, const CompleteConfig& complete = nothing) {
  return model_from_peer(peer, {stored.table, stored.config}, "file", complete);
}

std::string refusal(Peer peer, const Stored& stored, const CompleteConfig& complete = nothing) {
  try {
    read(peer, stored, complete);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal_for(const ModelConfig& config, Peer peer = Peer::reformer_fastai) {
  const ModelFile model = model_of(config);
  try {
    peer_model(peer, model, "model");
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

void expect_there_and_back(Peer peer, const ModelConfig& config) {
  validate(config);
  const ModelFile model = model_of(config);
  const Stored stored = stored_as(peer, model);
  const ModelFile back = read(peer, stored);
  EXPECT_EQ(back.config, config);
  EXPECT_EQ(back.training, model.training);
  ASSERT_EQ(back.parameters.size(), model.parameters.size());
  EXPECT_EQ(std::memcmp(back.parameters.data(), model.parameters.data(),
                        model.parameters.size() * sizeof(float)),
            0);
  const Stored again = stored_as(peer, back);
  EXPECT_EQ(again.bytes, stored.bytes);
  EXPECT_EQ(again.config, stored.config);
}

TEST(ReformerFastai, ThereAndBackIsTheSameModel) {
  for (const ModelConfig& config : {covered(), pre_norm()}) {
    expect_there_and_back(Peer::reformer_fastai, config);
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
  EXPECT_THAT(refusal(Peer::reformer_fastai, stored),
              AllOf(HasSubstr("[heads]"), HasSubstr("divides the width 32"), HasSubstr("try 4")));
  const ModelFile back = read(Peer::reformer_fastai, stored, [](ModelConfig& config) {
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
  EXPECT_THAT(refusal(Peer::reformer_fastai, stored, [](ModelConfig& config) { config.heads = 3; }),
              HasSubstr("[heads]"));
  EXPECT_THAT(refusal(Peer::reformer_fastai, stored, [](ModelConfig& config) { config.heads = 2; }),
              AllOf(HasSubstr("[chunk_length]"), HasSubstr("half of the 32"), HasSubstr("found 64"),
                    HasSubstr("try 16")));
}

TEST(ReformerFastai, OneNameOfATiedTensorIsEnough) {
  const ModelFile model = model_of(covered());
  Stored stored = fastai(model);
  std::string other(stored.tensor("proj.weight").bytes);
  stored.remove("proj.weight");
  const ModelFile tied = read(Peer::reformer_fastai, stored);
  EXPECT_EQ(tied.parameters, model.parameters);

  other[1] = static_cast<char>(other[1] ^ 1);
  stored.table.tensors.push_back({"proj.weight", "F32", {20, 32}, other});
  const ModelFile untied = read(Peer::reformer_fastai, stored);
  EXPECT_FALSE(untied.config.tied_output);
  EXPECT_EQ(untied.parameters.size(), model.parameters.size() + 20 * 32);
}

TEST(ReformerFastai, EveryFeatureThatOursLacksIsListed) {
  Stored stored = fastai(model_of(covered()));
  stored.add("encoder.layers.0.attn.sublayer.sublayer.in_proj.to_qk.bias", {0});
  stored.add("encoder.layers.1.attn.sublayer.sublayer.out_proj.bias", {0});
  stored.add("emb.pos_enc.inv_freq", {0});
  EXPECT_THAT(refusal(Peer::reformer_fastai, stored),
              AllOf(HasSubstr("fixed positions"), HasSubstr("a bias of queries and keys"),
                    HasSubstr("a bias after attention"), HasSubstr("layers.1.")));
}

TEST(ReformerFastai, MalformedFilesAreRefused) {
  const ModelFile model = model_of(covered());
  const auto after = [&](auto change) {
    Stored stored = fastai(model);
    change(stored);
    return refusal(Peer::reformer_fastai, stored);
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
  EXPECT_THAT(after([](Stored& s) { s.table.metadata["reformer"] = "1"; }),
              HasSubstr("one of this program"));

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
  const std::vector<std::pair<Change, std::string>> changes = {
      {[](ModelConfig& c) { c.head_dim = 8; }, "heads * head_dim 16 (theirs is model_dim 32)"},
      {[](ModelConfig& c) { c.position = PositionKind::fixed; }, "fixed positions"},
      {[](ModelConfig& c) { c.position = PositionKind::none; }, "no positions"},
      {[](ModelConfig& c) { c.position = PositionKind::rotary; }, "rotary positions"},
      {[](ModelConfig& c) { c.attention_bias = true; }, "attention_bias"},
      {[](ModelConfig& c) {
         c.norm = NormPosition::pre;
         c.final_norm = true;
         c.residual = Residual::two_streams;
       },
       "two residual streams"},
      {[](ModelConfig& c) {
         c.position = PositionKind::axial;
         c.axial_merge = AxialMerge::sum;
       },
       "axial positions that are summed"},
      {[](ModelConfig& c) { c.final_norm = true; }, "final_norm true"},
      {[](ModelConfig& c) { c.norm = NormPosition::pre; }, "final_norm false"},
      {[](ModelConfig& c) { c.bucket_factor = 2; }, "bucket_factor 2"}};
  for (const auto& [change, message] : changes) {
    ModelConfig config = covered();
    change(config);
    EXPECT_THAT(refusal_for(config), HasSubstr(message));
  }
}

// A small model that ReformerLM can express.
ModelConfig lucidrains() {
  ModelConfig config = covered();
  config.residual = Residual::two_streams;
  config.stream_merge = StreamMerge::mean;
  config.norm = NormPosition::pre;
  config.final_norm = config.attention_bias = true;
  config.tied_output = false;
  config.embedding_scale = 1;
  config.position = PositionKind::rotary;
  config.axial_merge = AxialMerge::sum;
  config.sinusoids = Sinusoids::halves;
  config.semantics = "lucidrains";
  return config;
}

// And one that transformers' Reformer can.
ModelConfig huggingface() {
  ModelConfig config = lucidrains();
  config.stream_merge = StreamMerge::concatenate;
  config.attention_bias = false;
  config.position = PositionKind::axial;
  config.axial_merge = AxialMerge::concatenate;
  config.axial_rows = 8;
  config.axial_first_dim = 12;
  config.activation = Activation::relu;
  config.norm_epsilon = 1e-12;
  config.buckets = 16;
  config.bucket_factor = 8;
  config.semantics = "huggingface";
  return config;
}

TEST(ReformerPytorch, ThereAndBackIsTheSameModel) {
  for (const PositionKind position :
       {PositionKind::learned, PositionKind::fixed, PositionKind::axial, PositionKind::rotary}) {
    ModelConfig config = lucidrains();
    config.position = position;
    config.axial_rows = 8;
    expect_there_and_back(Peer::reformer_pytorch, config);
  }
  ModelConfig full = lucidrains();
  full.attention = AttentionKind::full;
  full.position = PositionKind::none;
  expect_there_and_back(Peer::reformer_pytorch, full);
}

// What `ReformerLM(20, 32, 2, 32, heads=2, dim_head=16, ff_mult=1).state_dict()` has.
TEST(ReformerPytorch, NamesAreTheirs) {
  const Stored stored = stored_as(Peer::reformer_pytorch, model_of(lucidrains()));
  std::map<std::string, std::vector<int64_t>> expected = {
      {"token_emb.weight", {20, 32}}, {"layer_pos_emb.inv_freq", {8}},
      {"norm.weight", {32}},          {"norm.bias", {32}},
      {"out.1.weight", {20, 32}},     {"out.1.bias", {20}}};
  for (const std::string layer : {"0", "1"}) {
    for (const auto& [blocks, net] :
         {std::pair<std::string, std::string>{"blocks.", "net."}, {"irrev_blocks.", ""}}) {
      const std::string f = "reformer.layers." + blocks + layer + ".f." + net;
      const std::string g = "reformer.layers." + blocks + layer + ".g." + net;
      for (const std::string& part : {f, g}) {
        expected[part + "norm.weight"] = expected[part + "norm.bias"] = {32};
      }
      expected[f + "fn.toqk.weight"] = expected[f + "fn.tov.weight"] = {32, 32};
      expected[f + "fn.to_out.weight"] = {32, 32};
      expected[f + "fn.to_out.bias"] = {32};
      for (const std::string linear : {"fn.fn.w1.", "fn.fn.w2."}) {
        expected[g + linear + "weight"] = {32, 32};
        expected[g + linear + "bias"] = {32};
      }
    }
  }
  std::map<std::string, std::vector<int64_t>> found;
  for (const TensorView& tensor : stored.table.tensors) found[tensor.name] = tensor.shape;
  EXPECT_EQ(found, expected);
}

TEST(ReformerPytorch, PositionsAreTheirs) {
  ModelConfig config = lucidrains();
  config.position = PositionKind::axial;
  config.axial_rows = 8;
  Stored axial = stored_as(Peer::reformer_pytorch, model_of(config));
  EXPECT_EQ(axial.tensor("pos_emb.weights_0").shape, (std::vector<int64_t>{1, 8, 1, 32}));
  EXPECT_EQ(axial.tensor("pos_emb.weights_1").shape, (std::vector<int64_t>{1, 1, 4, 32}));
  config.position = PositionKind::fixed;
  Stored fixed = stored_as(Peer::reformer_pytorch, model_of(config));
  const TensorView& frequencies = fixed.tensor("pos_emb.inv_freq");
  ASSERT_EQ(frequencies.shape, (std::vector<int64_t>{16}));
  float second = 0;
  std::memcpy(&second, frequencies.bytes.data() + sizeof(float), sizeof(second));
  EXPECT_FLOAT_EQ(second, 0.56234133F);  // 10000^(-2/32)
}

TEST(ReformerPytorch, WhatTensorsDoNotTellIsAsked) {
  const ModelFile model = model_of(lucidrains());
  Stored stored = stored_as(Peer::reformer_pytorch, model);
  stored.table.metadata.clear();
  EXPECT_THAT(refusal(Peer::reformer_pytorch, stored), HasSubstr("[length] expected how many"));
  const auto complete = [](ModelConfig& config) {
    config.length = 32;
    config.chunk_length = 8;
    config.causal = true;
  };
  const ModelFile back = read(Peer::reformer_pytorch, stored, complete);
  EXPECT_EQ(back.parameters, model.parameters);
  EXPECT_EQ(back.config, lucidrains());
  EXPECT_THAT(refusal(Peer::reformer_pytorch, stored, [](ModelConfig& c) { c.heads = 4; }),
              HasSubstr("[heads] expected 2, as the file has it, found 4"));
  // Their full attention knows no positions then.
  const ModelFile full = read(Peer::reformer_pytorch, stored, [&](ModelConfig& config) {
    complete(config);
    config.attention = AttentionKind::full;
  });
  EXPECT_EQ(full.config.position, PositionKind::none);
}

TEST(ReformerPytorch, OneOfTheTwoNamesOfAParameterIsEnough) {
  const ModelFile model = model_of(lucidrains());
  Stored stored = stored_as(Peer::reformer_pytorch, model);
  std::erase_if(stored.table.tensors, [](const TensorView& tensor) {
    return tensor.name.find("irrev_blocks") != std::string::npos;
  });
  EXPECT_EQ(read(Peer::reformer_pytorch, stored).parameters, model.parameters);

  Stored other = stored_as(Peer::reformer_pytorch, model);
  TensorView& copy = other.tensor("reformer.layers.irrev_blocks.1.f.norm.weight");
  copy.bytes = other.tensor("reformer.layers.irrev_blocks.1.f.norm.bias").bytes;
  EXPECT_THAT(refusal(Peer::reformer_pytorch, other),
              AllOf(HasSubstr("irrev_blocks.1.f.norm.weight to be the same as"),
                    HasSubstr("layers.blocks.1.f.net.norm.weight")));
}

TEST(ReformerPytorch, EveryFeatureThatOursLacksIsListed) {
  const ModelFile model = model_of(lucidrains());
  const std::string layer = "reformer.layers.blocks.0.";
  const Stored plain = stored_as(Peer::reformer_pytorch, model);
  EXPECT_EQ(refusal(Peer::reformer_pytorch, plain), "accepted");
  for (const auto& [name, feature] : std::vector<std::pair<std::string, std::string>>{
           {"pos_emb.weights_2", "three tables"},
           {layer + "f.net.g", "scaled, without norms"},
           {layer + "f.net.norm.g", "norms that only scale"},
           {layer + "f.net.fn.mem_kv", "memory keys"},
           {"to_model_dim.weight", "another width"},
           {"out.1.tensor", "tied to normalised"},
           {layer + "g.net.fn.values.weight", "product-key"}}) {
    Stored more = stored_as(Peer::reformer_pytorch, model);
    more.add(name, {1});
    const std::string message = refusal(Peer::reformer_pytorch, more);
    EXPECT_THAT(message, HasSubstr(feature));
    EXPECT_EQ(std::ranges::count(message, ';'), 0) << message;
  }
  Stored shapes = stored_as(Peer::reformer_pytorch, model);
  shapes.tensor(layer + "f.net.fn.tov.weight").shape = {16, 64};
  shapes.tensor(layer + "g.net.fn.fn.w1.weight").shape = {64, 16};
  shapes.tensor("layer_pos_emb.inv_freq").bytes = shapes.tensor("norm.bias").bytes.substr(0, 32);
  EXPECT_THAT(refusal(Peer::reformer_pytorch, shapes),
              AllOf(HasSubstr("values that all heads share"), HasSubstr("a gated feed-forward"),
                    HasSubstr("positions of other frequencies (\"layer_pos_emb.inv_freq\")")));
}

TEST(ReformerPytorch, MalformedFilesAreRefused) {
  const ModelFile model = model_of(lucidrains());
  const auto after = [&](auto change) {
    Stored stored = stored_as(Peer::reformer_pytorch, model);
    change(stored);
    return refusal(Peer::reformer_pytorch, stored);
  };
  EXPECT_THAT(after([](Stored& s) { s.table.tensors.clear(); }), HasSubstr("no token_emb.weight"));
  EXPECT_THAT(after([](Stored& s) { s.remove("reformer.layers.blocks.0.f.net.fn.toqk.weight"); }),
              HasSubstr("no reformer.layers.blocks.0.f.net.fn.toqk.weight"));
  EXPECT_THAT(after([](Stored& s) { s.remove("out.1.bias"); }), HasSubstr("no tensor out.1.bias"));
  EXPECT_THAT(after([](Stored& s) { s.tensor("layer_pos_emb.inv_freq").shape = {0}; }),
              HasSubstr("other frequencies"));
  EXPECT_THAT(after([](Stored& s) { s.tensor("layer_pos_emb.inv_freq").shape = {2, 4}; }),
              HasSubstr("other frequencies"));
  EXPECT_THAT(after([](Stored& s) {
                s.add("pos_emb.weights_0", {1, int64_t{1} << 40, 1, 32});
                s.add("pos_emb.weights_1", {1, 1, int64_t{1} << 40, 32});
              }),
              HasSubstr("[model: length]"));
}

TEST(ReformerPytorch, EverySettingThatItCannotFollowIsListed) {
  const std::vector<std::pair<Change, std::string>> changes = {
      {[](ModelConfig& c) { c.residual = Residual::single; }, "one residual stream"},
      {[](ModelConfig& c) { c.stream_merge = StreamMerge::concatenate; }, "stream_merge"},
      {[](ModelConfig& c) { c.final_norm = false; }, "final_norm false"},
      {[](ModelConfig& c) { c.attention_bias = false; }, "attention_bias false"},
      {[](ModelConfig& c) { c.tied_output = true; }, "tied_output true"},
      {[](ModelConfig& c) { c.norm_epsilon = 1e-6; }, "norm_epsilon 1e-06"},
      {[](ModelConfig& c) { c.embedding_scale = 2; }, "embedding_scale 2"},
      {[](ModelConfig& c) { c.feed_forward_dim = 33; }, "feed_forward_dim 33"},
      {[](ModelConfig& c) { c.input_shift = true; }, "input_shift"},
      {[](ModelConfig& c) { c.buckets = 8; }, "buckets 8"},
      {[](ModelConfig& c) { c.bucket_factor = 2; }, "bucket_factor 2"},
      {[](ModelConfig& c) { c.semantics = "trax"; }, "semantics trax"},
      {[](ModelConfig& c) { c.position = PositionKind::none; }, "no positions with LSH"},
      {[](ModelConfig& c) { c.attention = AttentionKind::full; }, "rotary positions with full"},
      {[](ModelConfig& c) {
         c.position = PositionKind::fixed;
         c.sinusoids = Sinusoids::alternating;
       },
       "sinusoids alternating"},
      {[](ModelConfig& c) {
         c.position = PositionKind::axial;
         c.axial_merge = AxialMerge::concatenate;
         c.axial_first_dim = 12;
       },
       "axial_merge concatenate"}};
  for (const auto& [change, message] : changes) {
    ModelConfig config = lucidrains();
    change(config);
    const std::string found = refusal_for(config, Peer::reformer_pytorch);
    EXPECT_THAT(found, HasSubstr(message));
    EXPECT_EQ(std::ranges::count(found, ';'), message.starts_with("semantics") ? 1 : 0) << found;
  }
}

TEST(HuggingFace, ThereAndBackIsTheSameModel) {
  expect_there_and_back(Peer::huggingface, huggingface());
  ModelConfig config = huggingface();
  config.position = PositionKind::learned;
  config.bucket_factor = 0;
  config.activation = Activation::gelu;
  config.causal = false;
  expect_there_and_back(Peer::huggingface, config);
  config.attention = AttentionKind::full;
  expect_there_and_back(Peer::huggingface, config);
}

// What `ReformerModelWithLMHead(ReformerConfig(...)).state_dict()` has.
TEST(HuggingFace, NamesAreTheirs) {
  const Stored stored = stored_as(Peer::huggingface, model_of(huggingface()));
  const std::string embeddings = "reformer.embeddings.", encoder = "reformer.encoder.";
  std::map<std::string, std::vector<int64_t>> expected = {
      {embeddings + "word_embeddings.weight", {20, 32}},
      {embeddings + "position_embeddings.weights.0", {8, 1, 12}},
      {embeddings + "position_embeddings.weights.1", {1, 4, 20}},
      {encoder + "layer_norm.weight", {64}},
      {encoder + "layer_norm.bias", {64}},
      {"lm_head.bias", {20}},
      {"lm_head.decoder.weight", {20, 64}},
      {"lm_head.decoder.bias", {20}}};
  for (const std::string layer : {"layers.0.", "layers.1."}) {
    const std::string attention = encoder + layer + "attention.";
    const std::string feed_forward = encoder + layer + "feed_forward.";
    for (const std::string& part : {attention, feed_forward}) {
      expected[part + "layer_norm.weight"] = expected[part + "layer_norm.bias"] = {32};
    }
    expected[attention + "self_attention.query_key.weight"] = {32, 32};
    expected[attention + "self_attention.value.weight"] = {32, 32};
    expected[attention + "output.dense.weight"] = {32, 32};
    for (const std::string linear : {"dense.dense.", "output.dense."}) {
      expected[feed_forward + linear + "weight"] = {32, 32};
      expected[feed_forward + linear + "bias"] = {32};
    }
  }
  std::map<std::string, std::vector<int64_t>> found;
  for (const TensorView& tensor : stored.table.tensors) found[tensor.name] = tensor.shape;
  EXPECT_EQ(found, expected);
}

TEST(HuggingFace, ConfigIsTheirs) {
  const nlohmann::json config = stored_as(Peer::huggingface, model_of(huggingface())).config;
  const nlohmann::json expected = nlohmann::json::parse(R"({
      "model_type": "reformer", "architectures": ["ReformerModelWithLMHead"],
      "attn_layers": ["lsh", "lsh"], "attention_head_size": 16, "num_attention_heads": 2,
      "hidden_size": 32, "feed_forward_size": 32, "hidden_act": "relu", "vocab_size": 20,
      "num_hashes": 4, "num_buckets": [8, 2], "lsh_attn_chunk_length": 8,
      "lsh_num_chunks_before": 1, "lsh_num_chunks_after": 0, "is_decoder": true,
      "max_position_embeddings": 32, "axial_pos_embds": true, "axial_pos_shape": [8, 4],
      "axial_pos_embds_dim": [12, 20], "layer_norm_eps": 1e-12, "hidden_dropout_prob": 0.0,
      "tie_word_embeddings": false, "torch_dtype": "float32"})");
  EXPECT_EQ(config, expected);
}

// Where num_buckets is null, they hash into 2 T / S buckets, a power of two, in factors where that
// is many.
TEST(HuggingFace, BucketsMayFollowFromTheLength) {
  ModelConfig config = huggingface();
  config.buckets = 8;
  config.bucket_factor = 0;
  config.sinusoids = Sinusoids::alternating;  // which is of no matter here
  Stored stored = stored_as(Peer::huggingface, model_of(config));
  stored.table.metadata.clear();
  stored.config["num_buckets"] = nullptr;
  EXPECT_EQ(read(Peer::huggingface, stored).config, config);
  stored.config["lsh_attn_chunk_length"] = 1;  // 64 buckets, above 2 * max(sqrt(32), 1)
  const ModelConfig many = read(Peer::huggingface, stored).config;
  EXPECT_EQ(many.buckets, 64);
  EXPECT_EQ(many.bucket_factor, 8);
}

TEST(HuggingFace, EveryFeatureThatOursLacksIsListed) {
  Stored stored = stored_as(Peer::huggingface, model_of(huggingface()));
  stored.config.update(nlohmann::json::parse(
      R"({"attn_layers": ["local", "lsh", "local"], "hidden_act": "silu", "num_buckets": [2, 4, 8],
          "lsh_num_chunks_before": 2, "lsh_num_chunks_after": 1, "tie_word_embeddings": true,
          "axial_pos_shape": [8, 2]})"));
  stored.add("classifier.dense.weight", {0});
  const std::string all = refusal(Peer::huggingface, stored);
  EXPECT_THAT(all, AllOf(HasSubstr("classifies"), HasSubstr("(2 in attn_layers)"),
                         HasSubstr("hidden_act \"silu\""), HasSubstr("3 factors"),
                         HasSubstr("chunks_before 2"), HasSubstr("chunks_after 1"),
                         HasSubstr("tie_word_embeddings true"),
                         HasSubstr("16 tokens, not max_position_embeddings 32")));
  EXPECT_EQ(std::ranges::count(all, ';'), 7) << all;
}

TEST(HuggingFace, MalformedConfigsAreRefused) {
  const ModelFile model = model_of(huggingface());
  const auto with = [&](const char* change) {
    Stored stored = stored_as(Peer::huggingface, model);
    stored.config.update(nlohmann::json::parse(change));
    return refusal(Peer::huggingface, stored);
  };
  EXPECT_THAT(with(R"({"model_type": "bert"})"), HasSubstr("model_type reformer"));
  EXPECT_THAT(with(R"({"num_hashes": "4"})"), HasSubstr("num_hashes"));
  EXPECT_THAT(with(R"({"num_hashes": 0})"), HasSubstr("hash_rounds"));
  EXPECT_THAT(with(R"({"num_buckets": [8, -2]})"), HasSubstr("num_buckets"));
  EXPECT_THAT(with(R"({"num_buckets": []})"), HasSubstr("num_buckets"));
  EXPECT_THAT(with(R"({"num_buckets": 1e300})"), HasSubstr("num_buckets"));
  EXPECT_THAT(with(R"({"axial_pos_shape": [8.5, 4]})"), HasSubstr("axial_pos_shape"));
  EXPECT_THAT(with(R"({"attn_layers": "lsh"})"), HasSubstr("attn_layers"));
  EXPECT_THAT(with(R"({"attn_layers": ["lsh", "lsh", "lsh"]})"), HasSubstr("layers.2."));
  EXPECT_THAT(with(R"({"lsh_attn_chunk_length": 0})"), HasSubstr("lsh_attn_chunk_length"));
  EXPECT_THAT(with(R"({"lsh_attn_chunk_length": 7})"), HasSubstr("divides the sequence length 32"));
  EXPECT_THAT(with(R"({"num_attention_heads": 0})"), HasSubstr("[heads]"));
  EXPECT_THAT(with(R"({"hidden_size": 64})"), HasSubstr("not [20, 64]"));
  Stored none = stored_as(Peer::huggingface, model);
  none.config = nlohmann::json::array();
  EXPECT_THAT(refusal(Peer::huggingface, none), HasSubstr("model_type reformer"));
}

TEST(HuggingFace, EverySettingThatItCannotFollowIsListed) {
  const std::vector<std::pair<Change, std::string>> changes = {
      {[](ModelConfig& c) { c.residual = Residual::single; }, "one residual stream"},
      {[](ModelConfig& c) { c.stream_merge = StreamMerge::mean; }, "stream_merge mean"},
      {[](ModelConfig& c) { c.final_norm = false; }, "final_norm false"},
      {[](ModelConfig& c) { c.attention_bias = true; }, "attention_bias true"},
      {[](ModelConfig& c) { c.embedding_scale = 2; }, "embedding_scale 2"},
      {[](ModelConfig& c) { c.input_shift = true; }, "input_shift"},
      {[](ModelConfig& c) { c.axial_merge = AxialMerge::sum; }, "axial_merge sum"},
      {[](ModelConfig& c) { c.position = PositionKind::rotary; }, "position rotary"},
      {[](ModelConfig& c) { c.chunk_length = 32; }, "over one chunk"},
      {[](ModelConfig& c) { c.semantics = "trax"; }, "semantics trax"}};
  for (const auto& [change, message] : changes) {
    ModelConfig config = huggingface();
    change(config);
    const std::string found = refusal_for(config, Peer::huggingface);
    EXPECT_THAT(found, HasSubstr(message));
    EXPECT_EQ(std::ranges::count(found, ';'), message.starts_with("semantics") ? 1 : 0) << found;
  }
}

// A directory, or the file in it; a failure leaves nothing behind.
TEST(HuggingFace, IsADirectory) {
  const test::TemporaryDirectory directory;
  const ModelFile model = model_of(huggingface());
  const std::filesystem::path path = directory / "theirs";
  save_peer_model(Peer::huggingface, model, path, "model");
  for (const std::filesystem::path& from : {path, path / "model.safetensors"}) {
    const ModelFile back = load_peer_model(Peer::huggingface, from, nothing);
    EXPECT_EQ(back.config, model.config);
    EXPECT_EQ(back.parameters, model.parameters);
  }
  EXPECT_THROW(load_peer_model(Peer::huggingface, directory / "absent", nothing), Error);

  const std::filesystem::path taken = directory / "taken";
  std::filesystem::create_directories(taken / "model.safetensors");
  EXPECT_THROW(save_peer_model(Peer::huggingface, model, taken, "model"), Error);
  EXPECT_FALSE(std::filesystem::exists(taken / "config.json"));
  write_file_atomically(taken / "config.json", "of before");
  EXPECT_THROW(save_peer_model(Peer::huggingface, model, taken, "model"), Error);
  EXPECT_EQ(read_file(taken / "config.json"), "of before");
}

TEST(Peers, SayWhereFilesOfPyTorchAreRead) {
  const test::TemporaryDirectory directory;
  const std::filesystem::path path = directory / "model.pth";
  write_file_atomically(path, std::string("PK\x03\x04") + std::string(100, '\0'));
  for (const Peer peer : {Peer::reformer_fastai, Peer::reformer_pytorch}) {
    try {
      load_peer_model(peer, path, nothing);
      FAIL() << "read a zip archive";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("reformer.torch.load_model"), std::string::npos)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace reformer
