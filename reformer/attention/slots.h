// Keys in the order that a hash round sorts them: which of them a query sees under LSH attention.
//
// Keys are sorted by (bucket, position), so under causal attention the keys of a query's bucket
// that it may see are one range that ends at itself, and nothing needs to be tested key by key.
// That is the fast path; every other case is decided for each key.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "reformer/attention/head_input.h"
#include "reformer/attention/plan.h"
#include "reformer/attention/semantics.h"
#include "reformer/math/softmax_rows.h"

namespace reformer {

// What blocks need of a position beside its rows, in one place of memory: positions come in any
// order, and where a sequence is long each place that is looked at is waited for.
//
// Meeting codes: in each round the pairs (bucket, chunk) that occur are numbered in sorted order,
// with a gap after each bucket. A key meets a query in a round when the query's number minus its
// own is 0 or 1: they share the bucket, and the key is in the query's chunk or the one before.
// Where other buckets are allowed, all count as one.
class PositionFacts {
 public:
  void set(const AttentionSemantics& semantics, const HashPlan& plan, ConstMatrixView qk);

  float factor(int64_t t) const { return std::bit_cast<float>(facts_.row(t)[0]); }  // see keys.h
  bool has_codes() const { return facts_.cols() > 1; }
  const uint32_t* codes(int64_t t) const { return facts_.row(t) + 1; }  // [R]
  BasicMatrixView<const uint32_t> rows() const { return facts_; }

  // First places of the buckets of a round, and the end.   [N + 1]
  std::span<const int32_t> starts(int64_t round) const {
    return std::span(starts_).subspan(static_cast<size_t>(round) * starts_of_round_,
                                      starts_of_round_);
  }

 private:
  void find_starts(const HashPlan& plan);
  void set_codes(OtherBucketRule other_bucket, const HashPlan& plan);

  BasicMatrix<uint32_t> facts_;  // [T, 1 + R] factor and codes, or [T, 1]
  std::vector<int32_t> starts_;  // [R, N + 1]
  std::vector<int32_t> shift_;   // [N] from the chunk of a place to its code
  size_t starts_of_round_ = 0;
};

// The slots of chunks [first, last) of one round, after those of the chunk before `first`. The
// rounds form a ring: before the first chunk of one comes the last of the round before. The window
// of chunk c is the 2 S slots from S * (c - first) on.
struct SortedSlots {
  int64_t count = 0;                  // of slots, S * (last - first + 1)
  std::vector<int32_t> position;      // [count + 16]
  std::vector<int32_t> visible_from;  // [count + 16] see LogitColumns
  std::vector<int32_t> bucket;        // [count + 16] those of another round are negative
  std::vector<int32_t> bucket_start;  // [count] first slot of the slot's bucket
  std::vector<int32_t> codes;         // [R, count + 16] or empty

  // `facts` without codes when duplicates are not corrected.
  void sort(const HashPlan& plan, const HeadInput& in, const PositionFacts& facts, int64_t round,
            int64_t first, int64_t last);

  std::span<const int32_t> positions() const {
    return std::span(position).first(static_cast<size_t>(count));
  }
  LogitColumns columns(int64_t rounds) const;

  // What the wanted queries of the chunks see, in order of their slots.
  void find_rows(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
                 std::vector<SoftmaxRow>& rows) const;

 private:
  // Positions and buckets of slots from `slot` on, which are `n` places of a round.
  void fill(const HashPlan& plan, const PositionFacts& facts, int64_t round, int64_t place,
            int64_t n, int64_t slot);
};

}  // namespace reformer
