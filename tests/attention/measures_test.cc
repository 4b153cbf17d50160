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

}  // namespace
}  // namespace reformer::test
