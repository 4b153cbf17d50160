#include "reformer/model/inspection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "reformer/base/error.h"
#include "tests/model/model_case.h"

namespace reformer::test {
namespace {

ModelCase two_layers(AttentionKind kind, bool padded = false,
                     PositionKind position = PositionKind::learned) {
  ModelConfig config = tiny_model("seed");
  config.position = position;
  config.head_dim = position == PositionKind::rotary ? 4 : 3;
  config.layers = 2;
  config.attention = kind;
  config.hash_rounds = 2;
  config.semantics = "consistent";
  return random_case(config, 21, padded);
}

Inspection inspect(const ModelCase& c, Weights& weights) {
  weights.prepare(c.parameters);
  return Inspection(weights, c.context, c.example());
}

TEST(Inspection, HashesAsTheModelDid) {
  for (const PositionKind position : {PositionKind::learned, PositionKind::rotary}) {
    const ModelCase c = two_layers(AttentionKind::lsh, false, position);
    Weights weights(c.config);
    const Inspection inspection = inspect(c, weights);
    const Trained trained = train(c);
    for (int64_t layer = 0; layer < 2; ++layer) {
      for (int64_t head = 0; head < 2; ++head) {
        const HashPlan& plan = trained.plans[static_cast<size_t>(layer)][static_cast<size_t>(head)];
        EXPECT_EQ(inspection.head(layer, head).plan.bucket, plan.bucket);
        EXPECT_EQ(inspection.head(layer, head).plan.order, plan.order);
      }
    }
  }
}

// Equal tokens are hashed alike wherever they stand, but meet each other by their distance.
TEST(Inspection, ShowsVectorsAsPositionsTurnThem) {
  ModelCase c = two_layers(AttentionKind::lsh, false, PositionKind::rotary);
  c.tokens.inputs.assign(c.tokens.inputs.size(), 3);
  Weights weights(c.config);
  const HeadInspection head = inspect(c, weights).head(0, 1);
  const float* const first = head.qk.row(0);
  const float* const fifth = head.qk.row(5);
  EXPECT_FLOAT_EQ(fifth[0], std::cos(5.0F) * first[0] - std::sin(5.0F) * first[1]);
  EXPECT_FLOAT_EQ(fifth[1], std::cos(5.0F) * first[1] + std::sin(5.0F) * first[0]);
  EXPECT_FLOAT_EQ(fifth[2], std::cos(0.05F) * first[2] - std::sin(0.05F) * first[3]);
  for (int64_t round = 0; round < 2; ++round) {
    const int32_t* const bucket = head.plan.bucket_of(round);
    EXPECT_EQ(std::count(bucket, bucket + 12, bucket[0]), 12);
  }
}

TEST(Inspection, SaysHowLongVectorsAre) {
  const ModelCase c = two_layers(AttentionKind::lsh);
  Weights weights(c.config);
  const HeadInspection head = inspect(c, weights).head(1, 0);
  const std::vector<double> lengths = head.lengths();
  ASSERT_EQ(lengths.size(), static_cast<size_t>(c.config.length));
  const float* const x = head.qk.row(7);
  EXPECT_FLOAT_EQ(lengths[7], std::hypot(x[0], x[1], x[2]));
}

// The first layer is given the same however it attends.
TEST(Inspection, HashesAlsoWhereTheModelAttendsFully) {
  const ModelCase full = two_layers(AttentionKind::full), lsh = two_layers(AttentionKind::lsh);
  Weights full_weights(full.config), lsh_weights(lsh.config);
  const Inspection a = inspect(full, full_weights), b = inspect(lsh, lsh_weights);
  EXPECT_EQ(a.head(0, 1).plan.bucket, b.head(0, 1).plan.bucket);
  EXPECT_NE(a.head(1, 1).qk.row(5)[0], b.head(1, 1).qk.row(5)[0]);
}

// One head of attention of the reference, from the vectors and the plan that are shown.
std::vector<double> expected_weights(const LogitRule& rule, const HeadInspection& head,
                                     int64_t query, const reference::Candidates& seen) {
  reference::Head<double> reference;
  for (int64_t t = 0; t < head.qk.rows(); ++t) {
    reference.qk.emplace_back(head.qk.row(t), head.qk.row(t) + head.qk.cols());
  }
  reference.v = reference.qk;
  const auto attention = reference::attend(rule, reference, query, seen);
  std::vector<double> weights(static_cast<size_t>(head.qk.rows()));
  for (size_t r = 0; r < seen.size(); ++r) {
    for (size_t i = 0; i < seen[r].size(); ++i) {
      weights[static_cast<size_t>(seen[r][i].key)] += attention.round_weight[r] * attention.p[r][i];
    }
  }
  return weights;
}

void compare(const std::vector<KeyWeight>& shown, std::vector<double> expected) {
  EXPECT_TRUE(std::ranges::is_sorted(shown, {}, &KeyWeight::key));
  for (const auto& [key, weight] : shown) {
    // The products of three terms are floats here.
    EXPECT_NEAR(weight, expected[static_cast<size_t>(key)], 1e-5) << key;
    expected[static_cast<size_t>(key)] = 0;
  }
  EXPECT_EQ(std::accumulate(expected.begin(), expected.end(), 0.0), 0) << "a key is not shown";
}

TEST(Inspection, ShowsTheWeightsOfBothKindsOfAttention) {
  for (const std::string& name : semantics_names()) {
    for (const bool padded : {false, true}) {
      ModelCase c = two_layers(AttentionKind::lsh, padded);
      c.context.attention.semantics = semantics_preset(name);
      Weights weights(c.config);
      const HeadInspection head = inspect(c, weights).head(1, 1);
      const reference::Sight sight{c.valid, true};
      for (int64_t t = 0; t < c.config.length; ++t) {
        SCOPED_TRACE(fmt::format("{} padded={} query {}", name, padded, t));
        const auto full = reference::full_candidates(sight, c.config.length, t);
        compare(head.full_weights(t), expected_weights(head.semantics.full, head, t, full));
        const auto lsh = reference::lsh_candidates(head.semantics, head.plan, sight, t);
        compare(head.lsh_weights(t), expected_weights(head.semantics.lsh, head, t, lsh));
      }
    }
  }
}

TEST(Inspection, PredictsTheLikeliestTokens) {
  const ModelCase c = two_layers(AttentionKind::lsh);
  Weights weights(c.config);
  const Inspection inspection = inspect(c, weights);
  const auto rows = logits(c, {0, c.config.length});
  for (size_t t = 0; t < rows.size(); ++t) {
    EXPECT_EQ(inspection.predictions()[t], std::ranges::max_element(rows[t]) - rows[t].begin());
  }
}

TEST(Inspection, RefusesWhatDoesNotFit) {
  ModelCase c = two_layers(AttentionKind::full);
  Weights weights(c.config);
  c.context.attention.chunk_length = 5;
  EXPECT_THROW(inspect(c, weights), Error);
  c = two_layers(AttentionKind::full);
  c.tokens.inputs.pop_back();
  EXPECT_THROW(inspect(c, weights), Error);
  c = two_layers(AttentionKind::full);
  c.tokens.inputs[3] = 7;
  EXPECT_THROW(inspect(c, weights), Error);
  c = two_layers(AttentionKind::full);
  std::ranges::fill(c.parameters, std::numeric_limits<float>::quiet_NaN());
  EXPECT_THROW(inspect(c, weights), Error);
}

}  // namespace
}  // namespace reformer::test
