#include "reformer/model/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "reformer/attention/semantics.h"
#include "reformer/base/error.h"
#include "reformer/model/attention_choice.h"
#include "reformer/model/weights.h"
#include "tests/model/model_case.h"

namespace reformer {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string complaint_about(const ModelConfig& config) {
  try {
    validate(config);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ModelPresets, AllAreValid) {
  EXPECT_THAT(model_preset_names(),
              ElementsAre("seed", "paper", "laptop", "smoke", "full", "full-seed", "full-paper"));
  for (const std::string& name : model_preset_names()) {
    EXPECT_EQ(complaint_about(model_preset(name)), "") << name;
  }
}

TEST(ModelPresets, SharePublishedSizes) {
  for (const char* name : {"seed", "paper"}) {
    const ModelConfig config = model_preset(name);
    EXPECT_EQ(config.vocabulary, 128) << name;
    EXPECT_EQ(config.length, 1024) << name;
    EXPECT_EQ(config.layers, 1) << name;
    EXPECT_EQ(config.model_dim, 256) << name;
    EXPECT_EQ(config.heads, 4) << name;
    EXPECT_EQ(config.head_dim, 64) << name;
    EXPECT_EQ(config.feed_forward_dim, 256) << name;
    EXPECT_EQ(config.position, PositionKind::learned) << name;
    EXPECT_EQ(config.dropout, 0) << name;
    EXPECT_TRUE(config.causal) << name;
  }
}

TEST(ModelPresets, SeedReport) {
  const ModelConfig config = model_preset("seed");
  EXPECT_EQ(config.norm, NormPosition::post);
  EXPECT_FALSE(config.final_norm);
  EXPECT_EQ(config.norm_epsilon, 1e-5);
  EXPECT_EQ(config.activation, Activation::gelu);
  EXPECT_TRUE(config.tied_output);
  EXPECT_EQ(config.embedding_init, EmbeddingInit::truncated_normal);
  EXPECT_EQ(config.embedding_scale, 16);
  EXPECT_EQ(config.position_init, PositionInit::normal);
  EXPECT_EQ(config.position_std, 1);
  EXPECT_EQ(config.bias_init, BiasInit::fan_in_uniform);
  EXPECT_FALSE(config.input_shift);
  EXPECT_EQ(config.buckets, 16);
  EXPECT_EQ(config.chunk_length, 64);
  EXPECT_EQ(config.semantics, "seed");
}

TEST(ModelPresets, Paper) {
  const ModelConfig config = model_preset("paper");
  EXPECT_EQ(config.norm, NormPosition::pre);
  EXPECT_TRUE(config.final_norm);
  EXPECT_EQ(config.norm_epsilon, 1e-6);
  EXPECT_EQ(config.activation, Activation::relu);
  EXPECT_FALSE(config.tied_output);
  EXPECT_EQ(config.embedding_init, EmbeddingInit::glorot_uniform);
  EXPECT_EQ(config.embedding_scale, 1);
  EXPECT_EQ(config.position_init, PositionInit::sinusoidal);
  EXPECT_EQ(config.bias_init, BiasInit::tiny_normal);
  EXPECT_TRUE(config.input_shift);
  EXPECT_EQ(config.buckets, 64);
  EXPECT_EQ(config.chunk_length, 32);
  EXPECT_EQ(config.semantics, "paper");
}

TEST(ModelPresets, UnknownNameSuggestsTheNearest) {
  try {
    model_preset("papper");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("expected one of seed, paper, laptop, smoke"),
                                    HasSubstr("'papper'"), HasSubstr("did you mean 'paper'?")));
  }
}

struct Contradiction {
  std::function<void(ModelConfig&)> make;
  const char* where;
  const char* expected;
  const char* found;
};

TEST(ValidateModelConfig, NamesEveryContradiction) {
  const Contradiction all[] = {
      {[](ModelConfig& c) { c.heads = 0; }, "[model: heads]", "from 1 to 1024", "found 0"},
      {[](ModelConfig& c) { c.length = 1; }, "[model: length]", "an integer from 2", "found 1"},
      {[](ModelConfig& c) { c.dropout = 1; }, "[model: dropout]", "from 0 to 0.999", "found 1"},
      {[](ModelConfig& c) { c.embedding_scale = std::numeric_limits<double>::quiet_NaN(); },
       "[model: embedding_scale]", "a number from", "found"},
      {[](ModelConfig& c) { c.hash_rounds = 0; }, "[model: hash_rounds]", "from 1 to 64",
       "found 0"},
      {[](ModelConfig& c) { c.hash_rounds = 65; }, "[model: hash_rounds]", "from 1 to 64",
       "found 65"},
      {[](ModelConfig& c) { c.buckets = 15; }, "[attention]", "an even number of buckets",
       "found 15; try 16"},
      {[](ModelConfig& c) { c.chunk_length = 60; }, "[attention]",
       "divides the sequence length 1024", "found 60; try a divisor"},
      {[](ModelConfig& c) { c.chunk_length = 2048; }, "[attention]",
       "divides the sequence length 1024", "found 2048; try a divisor"},
      {[](ModelConfig& c) { c.semantics = "trex"; }, "[semantics]", "expected one of",
       "found 'trex'; did you mean 'trax'?"},
      {[](ModelConfig& c) { c.residual = Residual::two_streams; }, "[model]",
       "norm pre with two residual streams", "found post; try norm pre"},
      {[](ModelConfig& c) {
         c.residual = Residual::two_streams;
         c.stream_merge = StreamMerge::concatenate;
         c.norm = NormPosition::pre;
       },
       "[model]", "an output of its own", "found one tied to the token embedding"},
      {[](ModelConfig& c) {
         c.residual = Residual::two_streams;
         c.stream_merge = StreamMerge::concatenate;
         c.norm = NormPosition::pre;
         c.tied_output = false;
         c.output_init = OutputInit::token_embedding;
       },
       "[model]", "an output projection that starts by itself", "found output_init"},
      {[](ModelConfig& c) {
         c.position = PositionKind::rotary;
         c.head_dim = 63;
       },
       "[model]", "an even head_dim with rotary positions", "found 63; try 64"},
      {[](ModelConfig& c) {
         c.position = PositionKind::axial;
         c.axial_rows = 33;
       },
       "[model]", "axial_rows that divide the length 1024", "found 33; try a divisor"},
      {[](ModelConfig& c) {
         c.position = PositionKind::axial;
         c.axial_first_dim = 256;
       },
       "[model]", "axial_first_dim below model_dim 256", "found 256; try 64"},
      {[](ModelConfig& c) {
         c.position = PositionKind::axial;
         c.axial_rows = 0;
       },
       "[model: axial_rows]", "at least 1", "found 0"},
  };
  for (const Contradiction& contradiction : all) {
    ModelConfig config = model_preset("seed");
    contradiction.make(config);
    EXPECT_THAT(complaint_about(config),
                AllOf(HasSubstr(contradiction.where), HasSubstr(contradiction.expected),
                      HasSubstr(contradiction.found)));
    // Nothing is built from it, nor does building it divide by zero.
    EXPECT_THROW(Weights{config}, Error) << contradiction.where;
  }
}

// Axial fields mean nothing to a model without axial positions, nor does the way that two streams
// end to one that has one.
TEST(ValidateModelConfig, IgnoresWhatIsNotUsed) {
  ModelConfig config = model_preset("seed");
  config.stream_merge = StreamMerge::concatenate;
  config.axial_rows = 33;
  config.axial_first_dim = 5000;
  EXPECT_EQ(complaint_about(config), "");
  config.position = PositionKind::axial;
  config.axial_rows = 32;
  config.axial_merge = AxialMerge::sum;
  EXPECT_EQ(complaint_about(config), "");
}

TEST(AttentionChoice, FollowsTheConfiguration) {
  ModelConfig config = model_preset("paper");
  config.attention = AttentionKind::lsh;
  config.hash_rounds = 2;
  config.causal = false;
  const AttentionChoice choice = attention_of(config, 77);
  EXPECT_EQ(choice.name(), "lsh-2");
  EXPECT_EQ(choice.buckets, 64);
  EXPECT_EQ(choice.chunk_length, 32);
  EXPECT_FALSE(choice.causal);
  EXPECT_EQ(choice.semantics, semantics_preset("paper"));
  EXPECT_EQ(choice.rotation_seed, 77U);
}

TEST(AttentionChoice, NamesAreReadBack) {
  AttentionChoice choice;
  for (const char* name : {"lsh-1", "lsh-8", "lsh-64", "full"}) {
    choose_attention(choice, name);
    EXPECT_EQ(choice.name(), name);
  }
  choose_attention(choice, "lsh:4");
  EXPECT_EQ(choice.name(), "lsh-4");
  for (const char* name : {"lsh", "lsh-", "lsh-0", "lsh-65", "lsh--1", "lsh-4x", "ful", "", "LSH-4",
                           "lsh-99999999999999999999"}) {
    EXPECT_THROW(choose_attention(choice, name), Error) << name;
  }
  EXPECT_EQ(choice.name(), "lsh-4");
}

TEST(SequencePass, NamesWrongInput) {
  test::ModelCase c = test::random_case(test::tiny_model("seed"), 60);
  c.tokens.inputs[4] = 7;
  try {
    test::train(c);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("below the vocabulary 7, found 7 at position 4"));
  }
  c.tokens.inputs[4] = -1;
  EXPECT_THROW(test::train(c), Error);
  c.tokens.inputs.resize(11);
  try {
    test::train(c);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("expected sequences of 12 tokens, found 11"));
  }
}

}  // namespace
}  // namespace reformer
