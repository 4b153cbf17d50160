// What is measured of attention, against the reference and against values found by hand.
#include "reformer/attention/measures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/attention/head_case.h"

namespace reformer::test {
namespace {

TEST(SharedBuckets, AreCountedOncePerQuery) {
  // Rounds:              0 1 2 3 4 5 6 7
  const HashPlan plan = plan_from_buckets({0, 1, 0, 1, 0, 0, 1, 1,  //
                                           1, 1, 0, 0, 1, 1, 1, 0},
                                          8, 2, 2, 4);
  EXPECT_EQ(count_shared_buckets(plan, {4, 8}, 4), 3);  // 4: both, 5: second, 6: none, 7: both
  EXPECT_EQ(count_shared_buckets(plan, {4, 5}, 4), 1);
  EXPECT_EQ(count_shared_buckets(plan, {6, 7}, 4), 0);
  EXPECT_EQ(count_shared_buckets(plan, {7, 8}, 1), 1);
}

// By definition, from the reference's probabilities.
double expected_entropy(const LogitRule& rule, const reference::Head<double>& head, int64_t query,
                        const reference::Candidates& seen) {
  const auto attention = reference::attend(rule, head, query, seen);
  std::map<int64_t, double> p;
  for (size_t r = 0; r < seen.size(); ++r) {
    for (size_t i = 0; i < seen[r].size(); ++i) {
      p[seen[r][i].key] += attention.round_weight[r] * attention.p[r][i];
    }
  }
  double entropy = 0;
  for (const auto& [key, probability] : p) {
    if (probability > 0) entropy -= probability * std::log(probability);
  }
  return entropy;
}

// The products are floats: an error of a few eps |q| |k| in a logit moves p log p by as much.
double bound(const HeadCase& c) { return 64 * 1.2e-7 * static_cast<double>(c.dim()) * 8; }

template <class Seen>
void compare_entropies(const LogitRule& rule, const HeadCase& c, const Seen& seen_by) {
  Matrix qk(c.length(), c.dim());
  for (int64_t t = 0; t < c.length(); ++t) {
    std::copy_n(c.qk[static_cast<size_t>(t)].data(), c.dim(), qk.row(t));
  }
  const HeadInput in{qk, {}, c.valid, c.queries, c.causal};
  const reference::Head<double> head = c.reference_head();
  for (int64_t t = c.queries.begin; t < c.queries.end; ++t) {
    const reference::Candidates seen = seen_by(head, t);
    EXPECT_NEAR(attention_entropy(rule, in, t, seen), expected_entropy(rule, head, t, seen),
                bound(c))
        << "query " << t;
  }
}

TEST(AttentionEntropy, IsThatOfTheReferenceUnderEveryMeaning) {
  for (const std::string& name : semantics_names()) {
    SCOPED_TRACE(name);
    const AttentionSemantics semantics = semantics_preset(name);
    for (const bool causal : {true, false}) {
      const HeadCase c = random_case(7, 32, 8, {8, 32}, causal, !causal);
      compare_entropies(semantics.full, c, [&](const auto& head, int64_t t) {
        return reference::full_candidates(head.sight, 32, t);
      });
      const HashPlan plan = hashed_plan(7, 32, 3, 4, 8);
      compare_entropies(semantics.lsh, c, [&](const auto& head, int64_t t) {
        return reference::lsh_candidates(semantics, plan, head.sight, t);
      });
    }
  }
}

// Keys of equal logits, with the query itself left out: log of their number.
TEST(AttentionEntropy, OfAnEvenSpreadIsTheLogOfTheKeys) {
  Matrix qk(5, 2);
  for (int64_t t = 0; t < 5; ++t) {
    qk.row(t)[0] = 3;
    qk.row(t)[1] = 4;
  }
  const HeadInput in{qk, {}, {}, {0, 5}, true};
  const LogitRule rule;
  const auto entropy = [&](int64_t t) {
    return attention_entropy(rule, in, t, reference::full_candidates({{}, true}, 5, t));
  };
  EXPECT_NEAR(entropy(4), std::log(4.0), 1e-12);
  EXPECT_NEAR(entropy(2), std::log(2.0), 1e-12);
  EXPECT_EQ(entropy(0), 0) << "only itself";
}

// The same key in two rounds is one key.
TEST(AttentionEntropy, AddsUpTheRounds) {
  Matrix qk(2, 1);
  qk.row(0)[0] = qk.row(1)[0] = 1;
  const HeadInput in{qk, {}, {}, {0, 2}, true};
  const reference::Candidates twice = {{{.key = 0}}, {{.key = 0}}};
  EXPECT_NEAR(attention_entropy(LogitRule{}, in, 1, twice), 0, 1e-12);
}

TEST(AttentionWeights, AddUpTheRoundsAndSumToOne) {
  Matrix qk(3, 1);
  for (int64_t t = 0; t < 3; ++t) qk.row(t)[0] = 1;
  const HeadInput in{qk, {}, {}, {0, 3}, true};
  const reference::Candidates seen = {{{.key = 1}, {.key = 0}}, {{.key = 0}}};
  const std::vector<KeyWeight> weights = attention_weights(LogitRule{}, in, 2, seen);
  ASSERT_EQ(weights.size(), 2u);
  EXPECT_EQ(weights[0].key, 0);
  EXPECT_NEAR(weights[0].weight, 2.0 / 3, 1e-12);
  EXPECT_EQ(weights[1].key, 1);
  EXPECT_NEAR(weights[1].weight, 1.0 / 3, 1e-12);
}

// Sorted by (bucket, position), the second round is 4 5 6 7 0 1 2 3 in chunks of two.
const HashPlan& two_rounds() {
  static const HashPlan plan = plan_from_buckets({0, 1, 0, 1, 0, 0, 1, 1,  //
                                                  1, 1, 1, 1, 0, 0, 0, 0},
                                                 8, 2, 4, 2);
  return plan;
}

TEST(MeetingOf, TellsBucketFromReach) {
  const auto meeting = [](int64_t round, int64_t query, int64_t key) {
    const Meeting m = meeting_of(two_rounds(), round, query, key);
    return std::string(m.same_bucket ? "bucket" : "") + (m.in_reach ? " reach" : "");
  };
  EXPECT_EQ(meeting(1, 3, 2), "bucket reach");
  EXPECT_EQ(meeting(1, 3, 0), "bucket reach") << "the chunk before";
  EXPECT_EQ(meeting(1, 0, 7), " reach") << "another bucket in the chunk before";
  EXPECT_EQ(meeting(1, 3, 7), "") << "two chunks before";
  EXPECT_EQ(meeting(1, 0, 2), "bucket") << "the chunk after";
  EXPECT_TRUE(meeting_of(two_rounds(), 0, 4, 0).met());
  EXPECT_FALSE(meeting_of(two_rounds(), 1, 0, 2).met());
  EXPECT_FALSE(meeting_of(two_rounds(), 1, 0, 7).met());
}

// The second round has a bucket of six: 6 7 | 0 1 | 2 3 | 4 5.
const HashPlan& overflowing() {
  static const HashPlan plan = plan_from_buckets({0, 1, 0, 1, 0, 0, 1, 3,  //
                                                  1, 1, 1, 1, 1, 1, 0, 0},
                                                 8, 2, 4, 2);
  return plan;
}

TEST(CountKeysFound, TellsFoundFromMet) {
  const auto found = [](int64_t first, int64_t last) {
    const KeysFound f = count_keys_found(overflowing(), first, last, {4, 8}, 4);
    return std::pair<int, int>(f.same_bucket, f.met);
  };
  EXPECT_EQ(found(0, 1), std::pair(1, 1)) << "0 by 4";
  EXPECT_EQ(found(1, 2), std::pair(2, 0)) << "0 by 4 and 1 by 5, both out of reach";
  EXPECT_EQ(found(0, 2), std::pair(2, 1));
  EXPECT_EQ(found(1, 1), std::pair(0, 0));
}

TEST(MeasureRound, CountsBucketsAndPairs) {
  const HashPlan& plan = overflowing();
  const RoundMeasures first = measure_round(plan, 0, true), second = measure_round(plan, 1, true);
  EXPECT_EQ(first.used_buckets, 3);
  EXPECT_EQ(first.largest_bucket, 4);
  EXPECT_EQ(first.pairs, 4 * 3 / 2 + 3 * 2 / 2);
  EXPECT_EQ(first.lost_pairs, 0);
  EXPECT_EQ(second.used_buckets, 2);
  EXPECT_EQ(second.largest_bucket, 6);
  EXPECT_EQ(second.pairs, 6 * 5 / 2 + 1);
  EXPECT_EQ(second.lost_pairs, 4) << "the last two from the first two";
  EXPECT_EQ(measure_round(plan, 1, false).pairs, 6 * 5 + 2);
  EXPECT_EQ(first.lost_pairs + second.lost_pairs, count_lost_pairs(plan, true));
}

}  // namespace
}  // namespace reformer::test
