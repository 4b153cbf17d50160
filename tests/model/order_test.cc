// Positions matter and the future does not.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/model/model_case.h"

namespace reformer::test {
namespace {

ModelCase case_with(AttentionKind kind, PositionKind position, int64_t chunk_length = 3) {
  ModelConfig config = tiny_model("seed");
  config.layers = 2;
  config.attention = kind;
  config.position = position;
  config.chunk_length = chunk_length;
  config.hash_rounds = 2;
  return random_case(config, 40);
}

std::vector<float> last_logits(const ModelCase& c) {
  return logits(c, {c.config.length - 1, c.config.length})[0];
}

// A mode of attention that ignores positions sees earlier tokens as a set.
TEST(Positions, OrderOfEarlierTokensMatters) {
  for (const AttentionKind kind : {AttentionKind::full, AttentionKind::lsh}) {
    for (const PositionKind position :
         {PositionKind::learned, PositionKind::fixed, PositionKind::axial}) {
      const ModelCase c = case_with(kind, position);
      ModelCase reversed = c;
      std::reverse(reversed.tokens.inputs.begin(), reversed.tokens.inputs.end() - 1);
      const std::vector<float> a = last_logits(c);
      const std::vector<float> b = last_logits(reversed);
      double difference = 0;
      for (size_t v = 0; v < a.size(); ++v) difference += std::abs(double{a[v]} - b[v]);
      EXPECT_GT(difference, 1e-2) << c.describe();
    }
  }
}

// And the test above can fail: one layer of full attention without positions is such a mode.
TEST(Positions, WithoutThemEarlierTokensAreASet) {
  ModelConfig config = tiny_model("seed");
  config.position = PositionKind::none;
  const ModelCase c = random_case(config, 41);
  ModelCase reversed = c;
  std::reverse(reversed.tokens.inputs.begin(), reversed.tokens.inputs.end() - 1);
  const std::vector<float> a = last_logits(c);
  const std::vector<float> b = last_logits(reversed);
  for (size_t v = 0; v < a.size(); ++v) EXPECT_NEAR(a[v], b[v], 1e-5);
}

// Every position that a scored row can see learns.
TEST(Positions, HaveAGradient) {
  for (const AttentionKind kind : {AttentionKind::full, AttentionKind::lsh}) {
    ModelCase c = case_with(kind, PositionKind::learned, 12);
    const Trained trained = train(c);
    const ParameterInfo p = parameter_layout(c.config).at("embedding.position.weight");
    for (int64_t t = 0; t < c.config.length; ++t) {
      const auto row = trained.gradient.begin() + p.offset + t * c.config.model_dim;
      const float most =
          std::abs(*std::max_element(row, row + c.config.model_dim,
                                     [](float a, float b) { return std::abs(a) < std::abs(b); }));
      EXPECT_GT(most, 1e-4) << c.describe() << " position " << t;
    }
  }
}

// The rows before `from` do not change by a bit when the tokens from there on do.
void expect_same_past(const ModelCase& c, const ModelCase& other, int64_t from) {
  ASSERT_NE(c.tokens.inputs, other.tokens.inputs);
  EXPECT_EQ(logits(c, {0, from}), logits(other, {0, from})) << c.describe() << " from " << from;
}

ModelCase with_another_future(ModelCase c, int64_t from) {
  for (int64_t t = from; t < c.config.length; ++t) {
    int32_t& token = c.tokens.inputs[static_cast<size_t>(t)];
    token = static_cast<int32_t>((token + 1) % c.config.vocabulary);
  }
  return c;
}

TEST(Future, IsNotSeenByFullAttention) {
  const ModelCase c = case_with(AttentionKind::full, PositionKind::learned);
  for (const int64_t from : {1, 5, 11}) expect_same_past(c, with_another_future(c, from), from);
}

// With one chunk over the sequence, every earlier key of a bucket is in the window.
TEST(Future, IsNotSeenByLshAttentionOverOneChunk) {
  const ModelCase c = case_with(AttentionKind::lsh, PositionKind::learned, 12);
  for (const int64_t from : {1, 5, 11}) expect_same_past(c, with_another_future(c, from), from);
}

// With several, a later token can move the bounds of the chunks by changing its bucket, and with
// them which earlier keys an earlier query sees: that is how the paper hashes. Where it changes no
// bucket it changes nothing.
TEST(Future, ReachesThePastOnlyThroughThePlan) {
  int same_plan = 0;
  for (uint64_t seed = 40; seed < 60; ++seed) {
    ModelConfig config = case_with(AttentionKind::lsh, PositionKind::learned).config;
    config.hash_rounds = 1;
    config.buckets = 2;
    const ModelCase c = random_case(config, seed);
    const ModelCase other = with_another_future(c, config.length - 1);
    if (!same_buckets(train(c), train(other))) continue;
    ++same_plan;
    expect_same_past(c, other, config.length - 1);
  }
  EXPECT_GT(same_plan, 0);
}

}  // namespace
}  // namespace reformer::test
