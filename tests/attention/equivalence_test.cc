// Where LSH attention leaves nothing out it is full attention.
#include <gtest/gtest.h>

#include "tests/attention/head_case.h"

namespace reformer::test {
namespace {

// One chunk that covers the sequence, one bucket that holds it: whatever the rounds and the rules
// for buckets and duplicates are, each round sees what full attention sees.
TEST(Equivalence, OneChunkThatCoversTheSequenceIsFullAttention) {
  constexpr int64_t kLength = 40;
  for (const std::string& name : semantics_names()) {
    const AttentionSemantics semantics = semantics_preset(name);
    for (const int64_t rounds : {1, 3}) {
      const HashPlan plan =
          plan_from_buckets(std::vector<int32_t>(static_cast<size_t>(rounds * kLength), 1), kLength,
                            rounds, 4, kLength);
      for (const bool causal : {true, false}) {
        for (const bool padded : {false, true}) {
          const HeadCase c = random_case(70, kLength, 12, {4, kLength}, causal, padded);
          // Both are within a bound of the exact result, hence within two of each other.
          const Attended full = run_full(semantics.lsh, c);
          Expected expected = expect_lsh(semantics, plan, c);
          expected.out = to_double(full.out);
          expected.dqk = to_double(full.dqk);
          expected.dv = to_double(full.dv);
          // A key that is counted in every round and in the copy before it raises all logits.
          const bool copies = semantics.other_bucket == OtherBucketRule::allowed && rounds > 1;
          const double counted =
              (semantics.correct_duplicates ? 1.0 : static_cast<double>(rounds)) * (copies ? 2 : 1);
          expected.lse.assign(full.lse.begin(), full.lse.end());
          for (double& lse : expected.lse) lse += std::log(counted);
          for (Table* bound : {&expected.out_bound, &expected.dqk_bound, &expected.dv_bound}) {
            for (auto& row : *bound) {
              for (double& value : row) value *= 2;
            }
          }
          for (double& value : expected.lse_bound) value *= 2;
          compare(name + " " + describe(c, &plan), run_lsh(semantics, plan, c), expected);
        }
      }
    }
  }
}

// Nothing but integers of the plan tells the rounds apart: equal rounds give what one of them
// gives.
TEST(Equivalence, EqualRoundsAreOneRound) {
  const HashPlan once = hashed_plan(80, 32, 1, 4, 8);
  std::vector<int32_t> bucket = once.bucket;
  bucket.insert(bucket.end(), once.bucket.begin(), once.bucket.end());
  const HashPlan twice = plan_from_buckets(bucket, 32, 2, 4, 8);
  const HeadCase c = random_case(81, 32, 8, {0, 32}, true, false);
  const AttentionSemantics semantics = semantics_preset("consistent");
  compare("twice", run_lsh(semantics, twice, c), expect_lsh(semantics, once, c));
}

}  // namespace
}  // namespace reformer::test
