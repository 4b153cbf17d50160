// Training in bf16: its gradient beside that of a reference with the same rounding.
#include <gtest/gtest.h>

#include <cmath>

#include "reformer/math/target.h"
#include "tests/model/gradient_check.h"

namespace reformer::test {
namespace {

// The slope of relu jumps where rounding moves its argument across 0.
ModelConfig smooth_model(const char* preset, AttentionKind attention, int64_t layers) {
  ModelConfig config = tiny_model(preset);
  config.attention = attention;
  config.hash_rounds = 2;
  config.layers = layers;
  config.activation = Activation::gelu;
  return config;
}

TEST(Bf16GradientOf, EveryKindOfModel) {
  uint64_t seed = 500;
  for (const char* preset : {"seed", "paper"}) {
    for (const AttentionKind attention : {AttentionKind::full, AttentionKind::lsh}) {
      for (const int64_t layers : {1, 2}) {
        ModelCase c = random_case(smooth_model(preset, attention, layers), seed, seed % 2 == 0);
        c.context.attention.semantics = with_gentle_constants(c.context.attention.semantics);
        check_bf16_gradient(c);
        ++seed;
      }
    }
  }
}

TEST(Bf16GradientOf, TwoStreams) {
  uint64_t seed = 540;
  for (const StreamMerge merge : {StreamMerge::mean, StreamMerge::concatenate}) {
    ModelConfig config = smooth_model("paper", AttentionKind::lsh, 2);
    config.residual = Residual::two_streams;
    config.stream_merge = merge;
    config.attention_bias = true;
    config.tied_output = false;
    ModelCase c = random_case(config, seed++);
    c.context.attention.semantics = with_gentle_constants(c.context.attention.semantics);
    check_bf16_gradient(c);
  }
}

// Beyond one vector register, with no size a multiple of another.
TEST(Bf16GradientOf, SizesThatFillVectors) {
  uint64_t seed = 550;
  for (const char* preset : {"seed", "paper"}) {
    for (const AttentionKind attention : {AttentionKind::full, AttentionKind::lsh}) {
      ModelConfig config = smooth_model(preset, attention, 1);
      config.vocabulary = 37;
      config.length = 70;
      config.model_dim = 41;
      config.heads = 3;
      config.head_dim = 19;
      config.feed_forward_dim = 67;
      config.buckets = 6;
      config.chunk_length = 14;
      ModelCase c = random_case(config, seed++);
      c.context.attention.semantics = with_gentle_constants(c.context.attention.semantics);
      check_bf16_gradient(c);
    }
  }
}

TEST(Bf16Gradient, IsRounded) {
  const ModelCase c = random_case(smooth_model("seed", AttentionKind::full, 1), 560);
  const Trained fp32 = train(c), bf16 = train(c, Precision::bf16);
  double difference = 0, size = 0;
  for (size_t i = 0; i < fp32.gradient.size(); ++i) {
    difference = std::max(difference, std::abs(double{fp32.gradient[i]} - bf16.gradient[i]));
    size = std::max(size, std::abs(double{fp32.gradient[i]}));
  }
  EXPECT_GT(difference, 0x1p-12 * size);
}

}  // namespace
}  // namespace reformer::test
