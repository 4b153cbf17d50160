// Which random rotations each meaning of attention hashes by. A seed that resets a generator in
// every forward pass makes all steps and heads hash alike without any sign; here it would be seen.
#include "reformer/model/rotations.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/model/model_case.h"

namespace reformer::test {
namespace {

constexpr int64_t kDim = 5;

std::vector<float> rotations(const PassContext& context, int64_t layer = 0, int64_t head = 0) {
  Matrix matrix;
  draw_rotations(context, layer, head, kDim, matrix);
  std::vector<float> values;
  for (int64_t r = 0; r < matrix.rows(); ++r) {
    values.insert(values.end(), matrix.row(r), matrix.row(r) + matrix.cols());
  }
  return values;
}

PassContext context_of(const std::string& semantics) {
  PassContext context;
  context.attention.semantics = semantics_preset(semantics);
  context.attention.kind = AttentionKind::lsh;
  context.attention.hash_rounds = 2;
  context.attention.buckets = 6;
  context.attention.rotation_seed = 11;
  return context;
}

struct Varies {
  const char* semantics;
  bool by_step, by_head, by_example;
};
constexpr Varies kPublished[] = {
    {"consistent", true, true, true}, {"seed", false, false, false},
    {"paper", true, true, true},      {"lucidrains", true, false, false},
    {"trax", true, true, true},       {"huggingface", true, true, false},
};

TEST(Rotations, VaryAsEachMeaningSays) {
  ASSERT_EQ(std::size(kPublished), semantics_names().size());
  for (const Varies& expected : kPublished) {
    const PassContext context = context_of(expected.semantics);
    PassContext next_step = context;
    ++next_step.step;
    PassContext next_example = context;
    ++next_example.example_index;
    const std::vector<float> first = rotations(context);
    EXPECT_EQ(rotations(next_step) != first, expected.by_step) << expected.semantics;
    EXPECT_EQ(rotations(context, 0, 1) != first, expected.by_head) << expected.semantics;
    EXPECT_EQ(rotations(next_example) != first, expected.by_example) << expected.semantics;
  }
}

TEST(Rotations, AlwaysVaryByLayerRoundAndSeed) {
  for (const std::string& semantics : semantics_names()) {
    const PassContext context = context_of(semantics);
    PassContext other_seed = context;
    ++other_seed.attention.rotation_seed;
    const std::vector<float> first = rotations(context);
    EXPECT_EQ(rotations(context), first) << semantics;
    EXPECT_NE(rotations(context, 1), first) << semantics;
    EXPECT_NE(rotations(other_seed), first) << semantics;
    EXPECT_EQ(std::set<float>(first.begin(), first.end()).size(), first.size()) << semantics;
  }
}

// Evaluating with more rounds adds rounds to those of before.
TEST(Rotations, RoundDoesNotDependOnTheNumberOfRounds) {
  PassContext context = context_of("consistent");
  Matrix two, eight;
  draw_rotations(context, 0, 0, kDim, two);
  context.attention.hash_rounds = 8;
  draw_rotations(context, 0, 0, kDim, eight);
  ASSERT_EQ(two.cols(), 2 * 3);
  ASSERT_EQ(eight.cols(), 8 * 3);
  for (int64_t d = 0; d < kDim; ++d) {
    for (int64_t c = 0; c < two.cols(); ++c) EXPECT_EQ(two.row(d)[c], eight.row(d)[c]);
  }
}

TEST(Rotations, AreStandardNormal) {
  PassContext context = context_of("consistent");
  context.attention.hash_rounds = 64;
  context.attention.buckets = 64;
  const std::vector<float> values = rotations(context);
  double sum = 0, squares = 0;
  for (const float x : values) {
    sum += x;
    squares += double{x} * x;
  }
  const auto n = static_cast<double>(values.size());
  EXPECT_NEAR(sum / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 5 * std::sqrt(2 / n));
}

TEST(Rotations, TwoHashesNeedFewerDirections) {
  PassContext context = context_of("consistent");
  context.attention.hash_rounds = 2;
  context.attention.buckets = 64;
  Matrix one, two;
  draw_rotations(context, 0, 0, kDim, one);
  context.attention.bucket_factor = 8;
  draw_rotations(context, 0, 0, kDim, two);
  EXPECT_EQ(one.cols(), 2 * 32);
  EXPECT_EQ(two.cols(), 2 * (4 + 4));
}

// The buckets of one sequence, by layer and head.
std::vector<std::vector<std::vector<int32_t>>> buckets_of(const ModelCase& c) {
  std::vector<std::vector<std::vector<int32_t>>> buckets;
  for (const auto& heads : train(c).plans) {
    buckets.emplace_back();
    for (const HashPlan& plan : heads) buckets.back().push_back(plan.bucket);
  }
  return buckets;
}

// The same through the whole model: two heads with the same weights, the same sequence at another
// step and at another place of the batch.
TEST(Rotations, ModelHashesByThem) {
  for (const Varies& expected : kPublished) {
    ModelConfig config = tiny_model("seed");
    config.attention = AttentionKind::lsh;
    config.hash_rounds = 4;
    config.semantics = expected.semantics;
    ModelCase c = random_case(config, 21);
    const ParameterInfo qk = parameter_layout(config).at("layers.0.attention.qk.weight");
    const auto first_head = c.parameters.begin() + qk.offset;
    std::copy_n(first_head, qk.size / 2, first_head + qk.size / 2);
    const auto buckets = buckets_of(c);
    EXPECT_EQ(buckets[0][0] != buckets[0][1], expected.by_head) << expected.semantics;
    ModelCase next_step = c;
    ++next_step.context.step;
    EXPECT_EQ(buckets_of(next_step) != buckets, expected.by_step) << expected.semantics;
    ModelCase next_example = c;
    ++next_example.context.example_index;
    EXPECT_EQ(buckets_of(next_example) != buckets, expected.by_example) << expected.semantics;
  }
}

}  // namespace
}  // namespace reformer::test
