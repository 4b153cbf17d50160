#include "reformer/attention/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/attention/reference.h"
#include "reformer/base/error.h"
#include "reformer/base/random.h"
#include "tests/attention/head_case.h"

namespace reformer::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;

TEST(Plan, SortsByBucketThenPosition) {
  const HashPlan plan =
      plan_from_buckets({2, 0, 1, 0, 2, 1, /* round 1 */ 1, 1, 1, 1, 0, 0}, 6, 2, 4, 3);
  EXPECT_THAT(plan.order, ElementsAre(1, 3, 2, 5, 0, 4, /* round 1 */ 4, 5, 0, 1, 2, 3));
  EXPECT_THAT(plan.place, ElementsAre(4, 0, 2, 1, 5, 3, /* round 1 */ 2, 3, 4, 5, 0, 1));
  EXPECT_EQ(plan.chunks(), 2);
}

// Four vectors in the plane, the axes as rotations: x R = (x, y), so the buckets are the largest of
// (x, y, -x, -y): 0 right, 1 up, 2 left, 3 down. A second round turns the axes by 90 degrees.
TEST(Plan, HashesByTheLargestOfBothSigns) {
  Matrix vectors(5, 2), rotations(2, 4);
  PlanScratch scratch;
  const float points[5][2] = {{3, 1}, {1, 2}, {-5, 4}, {0.5F, -0.75F}, {-1, -1e-3F}};
  for (int64_t t = 0; t < 5; ++t) std::copy_n(points[t], 2, vectors.row(t));
  const float columns[2][4] = {{1, 0, /* round 1 */ 0, -1}, {0, 1, /* round 1 */ 1, 0}};
  for (int64_t d = 0; d < 2; ++d) std::copy_n(columns[d], 4, rotations.row(d));
  HashPlan plan;
  make_plan(vectors, rotations, 2, 4, 1, plan, scratch);
  EXPECT_THAT(plan.bucket, ElementsAre(0, 1, 2, 3, 2, /* round 1 */ 3, 0, 1, 2, 1));
}

TEST(Plan, TheFirstOfEqualsWins) {
  Matrix vectors(4, 2), rotations(2, 2);
  PlanScratch scratch;
  // (1, 1): x = y.  (-1, 1): -x = y, and y comes first.  (-1, -1): -x = -y.  (0, 0): all four.
  const float points[4][2] = {{1, 1}, {-1, 1}, {-1, -1}, {0, 0}};
  for (int64_t t = 0; t < 4; ++t) std::copy_n(points[t], 2, vectors.row(t));
  rotations.row(0)[0] = rotations.row(1)[1] = 1;
  HashPlan plan;
  make_plan(vectors, rotations, 1, 4, 2, plan, scratch);
  EXPECT_THAT(plan.bucket, ElementsAre(0, 1, 2, 0));
}

// The vectors are hashed as projected. Scaling changes no argmax, so the bucket of a vector and of
// ten times the vector is the same, and no length is divided by, not even 0.
TEST(Plan, LengthOfTheVectorsDoesNotMatter) {
  const HeadCase c = random_case(100, 64, 7, {0, 64}, true, false);
  const HeadCase r = random_case(101, 7, 12, {0, 7}, true, false);
  Matrix vectors(64, 7), longer(64, 7), rotations(7, 12);
  PlanScratch scratch;
  for (int64_t t = 0; t < 64; ++t) {
    for (int64_t d = 0; d < 7; ++d) {
      vectors.row(t)[d] = c.qk[static_cast<size_t>(t)][static_cast<size_t>(d)];
      longer.row(t)[d] = 1024 * vectors.row(t)[d];
    }
  }
  for (int64_t d = 0; d < 7; ++d) {
    std::copy(r.qk[static_cast<size_t>(d)].begin(), r.qk[static_cast<size_t>(d)].end(),
              rotations.row(d));
  }
  HashPlan plan, longer_plan;
  make_plan(vectors, rotations, 3, 8, 16, plan, scratch);
  make_plan(longer, rotations, 3, 8, 16, longer_plan, scratch);
  EXPECT_EQ(plan.bucket, longer_plan.bucket);
  for (int64_t round = 0; round < 3; ++round) {
    for (int64_t t = 0; t < 64; ++t) {
      double most = -1e30;
      int32_t bucket = -1;
      for (int32_t b = 0; b < 8; ++b) {  // [x R ; -x R]
        double sum = 0;
        for (int64_t d = 0; d < 7; ++d) {
          sum += double{vectors.row(t)[d]} * rotations.row(d)[round * 4 + b % 4];
        }
        if (b >= 4) sum = -sum;
        if (sum > most) most = sum, bucket = b;
      }
      EXPECT_EQ(plan.bucket_of(round)[t], bucket) << "round " << round << " position " << t;
    }
  }
}

// The choice of one hash from the definition, in double.   columns [begin, end) of the rotations
int32_t choice(const float* vector, const Matrix& rotations, int64_t begin, int64_t end) {
  double most = -1e30;
  int32_t chosen = -1;
  const int64_t half = end - begin;
  for (int64_t b = 0; b < 2 * half; ++b) {  // [x R ; -x R]
    double sum = 0;
    for (int64_t d = 0; d < rotations.rows(); ++d) {
      sum += double{vector[d]} * rotations.row(d)[begin + b % half];
    }
    if (b >= half) sum = -sum;
    if (sum > most) most = sum, chosen = static_cast<int32_t>(b);
  }
  return chosen;
}

// 24 buckets as 4 times 6: 2 directions for the first hash and 3 for the second in each round.
TEST(Plan, BucketsOfTwoHashes) {
  constexpr int64_t kLength = 150, kDim = 7, kRounds = 3;
  const Buckets buckets(24, 4);
  EXPECT_EQ(buckets.directions(), 5);
  Matrix vectors(kLength, kDim), rotations(kDim, kRounds * 5);
  RandomStream(StreamKey{.seed = 102, .example = 1}).fill_normal({vectors.row(0), 150 * 16});
  RandomStream(StreamKey{.seed = 102, .example = 2}).fill_normal({rotations.row(0), kDim * 16});
  HashPlan plan;
  PlanScratch scratch;
  make_plan(vectors, rotations, kRounds, buckets, 15, plan, scratch);
  EXPECT_EQ(plan.buckets, 24);
  std::vector<int> members(24);
  for (int64_t r = 0; r < kRounds; ++r) {
    for (int64_t t = 0; t < kLength; ++t) {
      const int32_t first = choice(vectors.row(t), rotations, 5 * r, 5 * r + 2);
      const int32_t second = choice(vectors.row(t), rotations, 5 * r + 2, 5 * r + 5);
      EXPECT_EQ(plan.bucket_of(r)[t], first + 4 * second) << "round " << r << " position " << t;
      ++members[static_cast<size_t>(plan.bucket_of(r)[t])];
    }
  }
  EXPECT_THAT(members, Each(Gt(0)));
  EXPECT_EQ(plan.order, plan_from_buckets(plan.bucket, kLength, kRounds, 24, 15).order);
}

TEST(Plan, BalancedFactorsAreTheMostAlike) {
  EXPECT_EQ(balanced_factor(256), 16);
  EXPECT_EQ(balanced_factor(512), 16);
  EXPECT_EQ(balanced_factor(120), 10);
  EXPECT_EQ(balanced_factor(4), 2);
  EXPECT_EQ(balanced_factor(2), 0);
  EXPECT_EQ(balanced_factor(6), 0);  // 2 times 3: no hash has 3 buckets
}

// From the definition: every pair of a bucket, less those whose key is a candidate of the query.
int64_t lost_pairs_one_by_one(const HashPlan& plan, bool causal) {
  AttentionSemantics semantics;
  semantics.other_bucket = OtherBucketRule::forbidden;
  int64_t lost = 0;
  for (int64_t query = 0; query < plan.length; ++query) {
    const auto seen = reference::lsh_candidates(semantics, plan, {{}, causal}, query);
    for (int64_t r = 0; r < plan.rounds; ++r) {
      for (int64_t key = 0; key < plan.length; ++key) {
        if (key == query || (causal && key > query)) continue;
        if (plan.bucket_of(r)[key] != plan.bucket_of(r)[query]) continue;
        bool found = false;
        for (const auto& c : seen[static_cast<size_t>(r)]) found = found || c.key == key;
        lost += found ? 0 : 1;
      }
    }
  }
  return lost;
}

TEST(Plan, CountsThePairsThatOverflowLoses) {
  int64_t most = 0;
  for (const int64_t rounds : {1, 2, 4}) {
    for (const int64_t chunk : {1, 2, 4, 12, 24}) {
      for (uint64_t seed = 0; seed < 3; ++seed) {
        for (const bool causal : {true, false}) {
          const HashPlan plans[] = {overflowing_plan(seed, 24, rounds, 4, chunk),
                                    hashed_plan(seed, 24, rounds, 6, chunk)};
          for (const HashPlan& plan : plans) {
            const int64_t lost = lost_pairs_one_by_one(plan, causal);
            EXPECT_EQ(count_lost_pairs(plan, causal), lost)
                << "R=" << rounds << " S=" << chunk << " causal=" << causal << " seed=" << seed;
            most = std::max(most, lost);
          }
        }
      }
    }
  }
  EXPECT_GT(most, 0);
}

// One bucket of 6 in chunks of 2: place 4 and 5 do not see 0 and 1. Counted by hand: 2 x 2 pairs;
// and without causality the queries of the first chunk lose nothing, for the last is before it.
TEST(Plan, LostPairsByHand) {
  const HashPlan plan = plan_from_buckets({0, 0, 0, 0, 0, 0}, 6, 1, 2, 2);
  EXPECT_EQ(count_lost_pairs(plan, true), 4);
  // Chunk 0 sees 2 and 0, chunk 1 sees 0 and 1, chunk 2 sees 1 and 2: each of 3 x 2 queries
  // lacks 2.
  EXPECT_EQ(count_lost_pairs(plan, false), 12);
  EXPECT_EQ(count_lost_pairs(plan_from_buckets({0, 0, 1, 1, 1, 1}, 6, 1, 2, 2), true), 0);
}

std::string message_of(int64_t length, int64_t rounds, Buckets buckets, int64_t chunk) {
  try {
    check_plan_shape(length, rounds, buckets, chunk);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Plan, RefusesImpossibleShapes) {
  EXPECT_EQ(message_of(64, 4, 8, 16), "");
  EXPECT_EQ(message_of(1, 1, 2, 1), "");
  EXPECT_THAT(message_of(0, 1, 2, 1), HasSubstr("at least 1 token, found 0"));
  EXPECT_THAT(message_of(64, 0, 8, 16), HasSubstr("1 to 64 hash rounds, found 0"));
  EXPECT_THAT(message_of(64, 65, 8, 16), HasSubstr("1 to 64 hash rounds, found 65"));
  EXPECT_THAT(message_of(64, 4, 7, 16), HasSubstr("even number of buckets"));
  EXPECT_THAT(message_of(64, 4, 7, 16), HasSubstr("found 7; try 8"));
  EXPECT_THAT(message_of(64, 4, 0, 16), HasSubstr("found 0; try 2"));
  EXPECT_EQ(message_of(64, 4, {24, 4}, 16), "");
  EXPECT_EQ(message_of(64, 4, {24, 12}, 16), "");
  EXPECT_THAT(message_of(64, 4, {24, 3}, 16), HasSubstr("even bucket_factor of the 24 buckets"));
  EXPECT_THAT(message_of(64, 4, {24, 8}, 16), HasSubstr("found 8; try 4"));
  EXPECT_THAT(message_of(64, 4, {24, 10}, 16), HasSubstr("found 10; try 4"));
  EXPECT_THAT(message_of(64, 4, {24, 24}, 16), HasSubstr("found 24; try 4"));
  EXPECT_THAT(message_of(64, 4, {24, -2}, 16), HasSubstr("found -2; try 4"));
  EXPECT_THAT(message_of(64, 4, {6, 2}, 16), HasSubstr("found 2; try 0"));
  EXPECT_THAT(message_of(64, 4, 8, 24), HasSubstr("divides the sequence length 64, found 24"));
  EXPECT_THAT(message_of(64, 4, 8, 0), HasSubstr("found 0"));
  EXPECT_THROW(plan_from_buckets({0, 1, 2}, 3, 0, 4, 1), Error);
  EXPECT_THROW(plan_from_buckets({0, 1, 4}, 3, 1, 4, 1), std::logic_error);
  EXPECT_THROW(plan_from_buckets({0, 1, -1}, 3, 1, 4, 1), std::logic_error);
  EXPECT_THROW(plan_from_buckets({0, 1}, 3, 1, 4, 1), std::logic_error);
}

}  // namespace
}  // namespace reformer::test
