// Loss and gradients of the whole model against the reference (double, plain).
#include <gtest/gtest.h>

#include <limits>

#include "tests/model/gradient_check.h"

namespace reformer::test {
namespace {

// Both published models with one layer and two; causal or not; full attention and 1, 2, 4 and 8
// hash rounds; every third with padding.
std::vector<ModelCase> cases(const std::string& semantics, uint64_t seed) {
  std::vector<ModelCase> result;
  for (const char* preset : {"seed", "paper"}) {
    for (const int64_t layers : {1, 2}) {
      for (const bool causal : {true, false}) {
        for (const int64_t rounds : {0, 1, 2, 4, 8}) {
          ModelConfig config = tiny_model(preset);
          config.semantics = semantics;
          config.layers = layers;
          config.causal = causal;
          config.attention = rounds == 0 ? AttentionKind::full : AttentionKind::lsh;
          if (rounds > 0) config.hash_rounds = rounds;
          result.push_back(random_case(config, seed, seed % 3 == 0));
          ++seed;
        }
      }
    }
  }
  return result;
}

class ModelGradient : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Semantics, ModelGradient, testing::ValuesIn(semantics_names()),
                         [](const auto& each) { return each.param; });

TEST_P(ModelGradient, EqualsTheReference) {
  for (ModelCase& c : cases(GetParam(), 100)) {
    c.context.attention.semantics = with_gentle_constants(c.context.attention.semantics);
    check_gradient(c);
  }
}

// With the published constants a query that sees only itself has a logit of -1e4 to -1e6, where
// floats are up to 1/16 apart: so much is the weight of its value uncertain.
TEST_P(ModelGradient, EqualsTheReferenceWithPublishedConstants) {
  for (const ModelCase& c : cases(GetParam(), 200)) {
    check_gradient(c,
                   std::numeric_limits<float>::epsilon() * largest_constant(c.context.attention));
  }
}

// The settings that the published models do not vary.
TEST(ModelGradientOf, EveryKindOfPosition) {
  uint64_t seed = 300;
  for (const AttentionKind attention : {AttentionKind::full, AttentionKind::lsh}) {
    for (const PositionKind position :
         {PositionKind::learned, PositionKind::fixed, PositionKind::axial, PositionKind::none}) {
      ModelConfig config = tiny_model("seed");
      config.attention = attention;
      config.position = position;
      check_gradient(random_case(config, seed++));
      config.sinusoids = Sinusoids::halves;
      config.axial_merge = AxialMerge::sum;
      const bool matters = position == PositionKind::fixed || position == PositionKind::axial;
      if (matters) check_gradient(random_case(config, seed++));
    }
  }
}

TEST(ModelGradientOf, PositionsThatTurn) {
  uint64_t seed = 440;
  for (const int64_t rounds : {0, 1, 4}) {
    for (const int64_t layers : {1, 2}) {
      ModelConfig config = tiny_model("seed");
      config.position = PositionKind::rotary;
      config.head_dim = 4;
      config.layers = layers;
      config.attention = rounds == 0 ? AttentionKind::full : AttentionKind::lsh;
      if (rounds > 0) config.hash_rounds = rounds;
      check_gradient(random_case(config, seed++));
    }
  }
}

TEST(ModelGradientOf, EveryMixtureOfNormsActivationAndOutput) {
  uint64_t seed = 320;
  for (const NormPosition norm : {NormPosition::pre, NormPosition::post}) {
    for (const bool final_norm : {false, true}) {
      for (const Activation activation : {Activation::gelu, Activation::relu}) {
        for (const bool tied : {false, true}) {
          ModelConfig config = tiny_model("seed");
          config.layers = 2;
          config.norm = norm;
          config.final_norm = final_norm;
          config.activation = activation;
          config.tied_output = tied;
          check_gradient(random_case(config, seed++));
        }
      }
    }
  }
}

// The paper's reversible layers, both ways that they end.
TEST(ModelGradientOf, TwoStreams) {
  uint64_t seed = 380;
  for (const StreamMerge merge : {StreamMerge::mean, StreamMerge::concatenate}) {
    for (const bool final_norm : {false, true}) {
      for (const int64_t layers : {1, 2}) {
        for (const int64_t rounds : {0, 2}) {
          ModelConfig config = tiny_model("paper");
          config.residual = Residual::two_streams;
          config.stream_merge = merge;
          config.final_norm = final_norm;
          config.layers = layers;
          config.tied_output = merge == StreamMerge::mean && layers == 2;
          config.attention_bias = layers != 2;
          config.attention = rounds == 0 ? AttentionKind::full : AttentionKind::lsh;
          if (rounds > 0) config.hash_rounds = rounds;
          ModelCase c = random_case(config, seed, seed % 3 == 0);
          c.context.attention.semantics = with_gentle_constants(c.context.attention.semantics);
          check_gradient(c);
          ++seed;
        }
      }
    }
  }
}

TEST(ModelGradientOf, ABiasAfterAttention) {
  uint64_t seed = 420;
  for (const NormPosition norm : {NormPosition::pre, NormPosition::post}) {
    ModelConfig config = tiny_model("seed");
    config.norm = norm;
    config.attention_bias = true;
    check_gradient(random_case(config, seed++));
  }
}

// Beyond one vector register, with no size a multiple of another.
TEST(ModelGradientOf, SizesThatFillVectors) {
  uint64_t seed = 350;
  for (const char* preset : {"seed", "paper"}) {
    for (const AttentionKind attention : {AttentionKind::full, AttentionKind::lsh}) {
      ModelConfig config = tiny_model(preset);
      config.vocabulary = 37;
      config.length = 70;
      config.model_dim = 41;
      config.heads = 3;
      config.head_dim = 19;
      config.feed_forward_dim = 67;
      config.buckets = 6;
      config.chunk_length = 14;
      config.attention = attention;
      check_gradient(random_case(config, seed++));
      if (config.norm == NormPosition::post) continue;
      config.residual = Residual::two_streams;
      config.stream_merge = StreamMerge::concatenate;
      check_gradient(random_case(config, seed++));
    }
  }
}

}  // namespace
}  // namespace reformer::test
