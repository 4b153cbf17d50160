#include "reformer/attention/slots.h"

#include <gtest/gtest.h>

#include "reformer/attention/keys.h"
#include "reformer/base/random.h"
#include "tests/attention/head_case.h"

namespace reformer::test {
namespace {

Matrix random_vectors(uint64_t seed, int64_t rows, int64_t cols) {
  Matrix result(rows, cols);
  for (int64_t r = 0; r < rows; ++r) {
    const RandomStream stream({.seed = seed, .example = static_cast<uint32_t>(r)});
    stream.fill_normal(result.view().row_span(r));
  }
  return result;
}

// Plans with full, overflowing and empty buckets, which end within chunks and with them.
std::vector<HashPlan> plans() {
  return {hashed_plan(1, 48, 3, 8, 6), overflowing_plan(2, 48, 2, 6, 8),
          plan_from_buckets({2, 2, 0, 0, 5, 5, /* round 1 */ 5, 5, 5, 5, 5, 5}, 6, 2, 6, 2)};
}

// Codes say what the plan says: a key meets a query where they share a bucket and the key is in
// the query's chunk or the one before.
TEST(PositionFacts, CodesDifferBy0Or1WhereAKeyMeetsAQuery) {
  for (const OtherBucketRule other :
       {OtherBucketRule::forbidden, OtherBucketRule::subtract, OtherBucketRule::allowed}) {
    AttentionSemantics semantics = semantics_preset("consistent");
    semantics.other_bucket = other;
    for (const HashPlan& plan : plans()) {
      PositionFacts facts;
      facts.set(semantics, plan, random_vectors(3, plan.length, 4));
      ASSERT_TRUE(facts.has_codes());
      for (int64_t query = 0; query < plan.length; ++query) {
        for (int64_t key = 0; key < plan.length; ++key) {
          for (int64_t r = 0; r < plan.rounds; ++r) {
            const Meeting meeting = meeting_of(plan, r, query, key);
            const bool met = other == OtherBucketRule::allowed ? meeting.in_reach : meeting.met();
            const uint32_t difference = facts.codes(query)[r] - facts.codes(key)[r];
            ASSERT_EQ(difference < 2, met) << "query " << query << " key " << key << " round " << r;
          }
        }
      }
    }
  }
}

TEST(PositionFacts, FactorsAreThoseOfKeys) {
  const HashPlan plan = hashed_plan(4, 48, 1, 8, 6);
  Matrix qk = random_vectors(5, plan.length, 5);
  std::fill_n(qk.row(7), 5, 0.0F);
  for (const KeyNorm norm : {KeyNorm::none, KeyNorm::unit}) {
    AttentionSemantics semantics = semantics_preset("consistent");
    semantics.lsh.key_norm = norm;
    PositionFacts facts;
    facts.set(semantics, plan, qk);
    EXPECT_FALSE(facts.has_codes());  // one round has no duplicates
    std::vector<float> factors(static_cast<size_t>(plan.length));
    key_factors(norm, qk, factors);
    for (int64_t t = 0; t < plan.length; ++t) {
      EXPECT_EQ(facts.factor(t), factors[static_cast<size_t>(t)]) << t;
    }
  }
}

// The buckets of slots, which are walked along the starts, are those of their positions.
TEST(SortedSlots, KnowTheirBuckets) {
  const AttentionSemantics semantics = semantics_preset("consistent");
  for (const HashPlan& plan : plans()) {
    const Matrix qk = random_vectors(6, plan.length, 4);
    const HeadInput in{qk.view(), qk.view(), {}, {0, plan.length}};
    PositionFacts facts;
    facts.set(semantics, plan, qk);
    SortedSlots slots;
    const int64_t s = plan.chunk_length;
    for (int64_t round = 0; round < plan.rounds; ++round) {
      const int64_t ring = (round + plan.rounds - 1) % plan.rounds;
      for (int64_t first = 0; first < plan.chunks(); ++first) {
        slots.sort(plan, in, facts, round, first, plan.chunks());
        ASSERT_EQ(slots.count, s * (plan.chunks() - first + 1));
        for (int64_t i = 0; i < slots.count; ++i) {
          const auto at = static_cast<size_t>(i);
          const int64_t t = slots.position[at];
          const bool of_ring = i < s && first == 0;
          const int64_t place = of_ring ? plan.length - s + i : s * (first - 1) + i;
          ASSERT_EQ(t, plan.order_of(of_ring ? ring : round)[place]);
          const int32_t bucket = of_ring ? -1 - plan.bucket_of(ring)[t] : plan.bucket_of(round)[t];
          ASSERT_EQ(slots.bucket[at], bucket) << "round " << round << " slot " << i;
          for (int64_t r = 0; r < plan.rounds; ++r) {
            const size_t of_round = static_cast<size_t>(r * (slots.count + 16)) + at;
            ASSERT_EQ(static_cast<uint32_t>(slots.codes[of_round]), facts.codes(t)[r]);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace reformer::test
