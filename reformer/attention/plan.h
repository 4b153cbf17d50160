// The hash plan: which positions share a bucket and a chunk, as plain integers. Attention under a
// plan never hashes, so gradients can be checked with the plan frozen and a plan can be replayed,
// drawn and counted.
#pragma once

#include <cstdint>
#include <vector>

#include "reformer/math/matrix.h"

namespace reformer {

constexpr int64_t kMaxRounds = 64;

// The buckets of one round: N by one hash over N/2 directions, or the combinations of two smaller
// hashes, `factor` buckets by the first and N / factor by the second. Then a round needs directions
// in proportion to the square root of N, and hashing costs little however long the sequence is.
struct Buckets {
  int64_t count;   // N
  int64_t factor;  // 0: one hash

  constexpr Buckets(int64_t count_of_round,
                    int64_t factor_of_first = 0)  // NOLINT: a number of buckets is one
      : count(count_of_round), factor(factor_of_first) {}

  constexpr int64_t first() const { return factor == 0 ? count : factor; }
  constexpr int64_t second() const { return factor == 0 ? 0 : count / factor; }
  // Columns of rotations that a round needs.
  constexpr int64_t directions() const { return (first() + second()) / 2; }
};

struct HashPlan {
  int64_t length = 0;           // T
  int64_t rounds = 0;           // R
  int64_t buckets = 0;          // N of one round
  int64_t chunk_length = 0;     // S, a divisor of T
  std::vector<int32_t> bucket;  // [R, T] bucket of a position
  std::vector<int32_t> order;   // [R, T] position at a place when sorted by (bucket, position)
  std::vector<int32_t> place;   // [R, T] place of a position: the inverse of order

  int64_t chunks() const { return length / chunk_length; }
  const int32_t* bucket_of(int64_t round) const { return bucket.data() + round * length; }
  const int32_t* order_of(int64_t round) const { return order.data() + round * length; }
  const int32_t* place_of(int64_t round) const { return place.data() + round * length; }
};

// Throws Error unless T >= 1, S >= 1 divides T, 1 <= R <= kMaxRounds, N >= 2 is even and a factor
// of it leaves both hashes an even number of buckets.
void check_plan_shape(int64_t length, int64_t rounds, Buckets buckets, int64_t chunk_length);

// The factor that makes the two hashes most alike, 0 if no factor fits: 16 of 256, 10 of 120.
int64_t balanced_factor(int64_t buckets);

// A few positions: their vectors as columns [D, n], and products of one hash [N/2, n].
struct PlanScratch {
  Matrix columns, rotated;
  std::vector<int32_t> second;  // [n] choices of the second hash
};

// Hashes every row of `vectors` in every round: bucket = argmax([x R ; -x R]), the first of equals.
// With a factor, bucket = first + factor * second, where first = argmax([x A ; -x A]) and
// second = argmax([x B ; -x B]) with the leading and the other columns of R, as in trax.
// vectors: [T, D], as projected, not scaled    rotations: [D, R * directions], round by round
// `plan` is overwritten and keeps its memory. Products are looked at in cache and never written
// out. Andoni et al. 2015; Kitaev et al. 2020, section 2.
void make_plan(ConstMatrixView vectors, ConstMatrixView rotations, int64_t rounds, Buckets buckets,
               int64_t chunk_length, HashPlan& plan, PlanScratch& scratch);

// A plan from given buckets [R, T]; every value must lie in [0, N).
HashPlan plan_from_buckets(std::vector<int32_t> bucket, int64_t length, int64_t rounds,
                           int64_t buckets, int64_t chunk_length);

// How a query and a key lie in one round.
struct Meeting {
  bool same_bucket = false;
  bool in_reach = false;  // the key is in the query's chunk or the one before
  bool met() const { return same_bucket && in_reach; }
};
Meeting meeting_of(const HashPlan& plan, int64_t round, int64_t query, int64_t key);

// Pairs of a query and a key (not later, if causal; not itself) that share a bucket in a round but
// not a window there, because the bucket overflows its chunk and the one before; summed over
// rounds. Such pairs are lost without a sign unless they meet in another round.
int64_t count_lost_pairs(const HashPlan& plan, bool causal);
int64_t count_lost_pairs_of_round(const HashPlan& plan, int64_t round, bool causal);

}  // namespace reformer
