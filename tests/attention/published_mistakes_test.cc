// Mistakes that published Reformers made in their attention, each with the test that would have
// caught it.
#include <gtest/gtest.h>

#include "tests/attention/difference.h"
#include "tests/attention/head_case.h"

namespace reformer::test {
namespace {

using reference::Head;

// reformer-pytorch had wrong gradients with more than one hash round. The production gradient is
// compared with differences of the loss itself, so no shared formula can hide an error - and a
// gradient that forgets how the weights of the rounds depend on the logits is out of bounds.
TEST(PublishedMistakes, GradientsWithManyHashRounds) {
  const AttentionSemantics semantics = semantics_preset("consistent");
  for (const int64_t rounds : {1, 2, 4, 8}) {
    const HeadCase c = random_case(110, 24, 4, {0, 24}, true, false);
    const HashPlan plan = hashed_plan(111, 24, rounds, 4, 6);
    Head<double> head = c.reference_head();
    const auto seen = reference::lsh_seen(semantics, plan, head);
    const Table dout = to_double(c.dout);
    Table frozen_weights;
    for (size_t t = 0; t < seen.size(); ++t) {
      frozen_weights.push_back(
          reference::attend(semantics.lsh, head, static_cast<int64_t>(t), seen[t]).round_weight);
    }
    const auto loss = [&](bool frozen) {
      double sum = 0;
      for (size_t t = 0; t < seen.size(); ++t) {
        const auto a = reference::attend(semantics.lsh, head, static_cast<int64_t>(t), seen[t]);
        for (size_t r = 0; r < seen[t].size(); ++r) {
          const double weight = frozen ? frozen_weights[t][r] : a.round_weight[r];
          sum += weight * reference::dot(a.round_out[r], dout[t]);
        }
      }
      return sum;
    };
    Expected expected = expect_lsh(semantics, plan, c);
    for (auto& row : expected.dqk_bound) {
      for (double& bound : row) bound += 1e-7;  // of the difference
    }
    const Attended actual = run_lsh(semantics, plan, c);
    const Table right = derivatives(head.qk, [&] { return loss(false); });
    EXPECT_TRUE(all_within(actual.dqk, right, expected.dqk_bound)) << rounds << " rounds";
    const Table wrong = derivatives(head.qk, [&] { return loss(true); });
    EXPECT_EQ(static_cast<bool>(all_within(actual.dqk, wrong, expected.dqk_bound)), rounds == 1)
        << rounds << " rounds: the check cannot tell right from wrong";
  }
}

// A bucket that overflows two chunks loses pairs without a sign: here query 5 never meets 0 and 1,
// though all six tokens share a bucket. The plan counts them.
TEST(PublishedMistakes, OverflowIsCounted) {
  HeadCase c = random_case(120, 6, 2, {0, 6}, true, false);
  c.qk.assign(6, {1, 0});
  c.v = {{1, 0}, {1, 0}, {0, 1}, {0, 1}, {0, 1}, {0, 1}};
  const AttentionSemantics semantics = semantics_preset("consistent");
  const HashPlan small = plan_from_buckets({0, 0, 0, 0, 0, 0}, 6, 1, 2, 2);
  EXPECT_EQ(count_lost_pairs(small, true), 4);  // 4 and 5 with 0 and 1
  EXPECT_EQ(run_lsh(semantics, small, c).out[5][0], 0.0F);
  const HashPlan large = plan_from_buckets({0, 0, 0, 0, 0, 0}, 6, 1, 2, 3);
  EXPECT_EQ(count_lost_pairs(large, true), 0);
  EXPECT_NEAR(run_lsh(semantics, large, c).out[5][0], 2. / 5, 1e-6);
}

}  // namespace
}  // namespace reformer::test
