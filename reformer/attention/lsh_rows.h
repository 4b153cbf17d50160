// Which keys of a window a query sees under LSH attention, and what becomes of its logits.
//
// Keys are sorted by (bucket, position), so under causal attention the keys of a query's bucket
// that it may see are one range that ends at itself, and nothing needs to be tested key by key.
// That is the fast path; every other case is decided for each key.
#pragma once

#include <span>

#include "reformer/attention/block.h"
#include "reformer/attention/full.h"
#include "reformer/attention/plan.h"
#include "reformer/attention/semantics.h"
#include "reformer/attention/workspace.h"

namespace reformer {

// Meeting codes: position t has in round r the code bucket * (G + 1) + chunk + 1. A key of the same
// bucket meets the query when its chunk is the query's or the one before, that is when the codes
// differ by 0 or 1; no key has code 0 of a bucket, so chunk 0 has no chunk before. Where other
// buckets are allowed, the bucket counts as 0.
// codes: [R, T]
void meeting_codes(const HashPlan& plan, OtherBucketRule other_bucket, std::vector<int32_t>& codes);

// Sorts one round. `codes` may be empty when duplicates are not corrected.
void sort_round(const HashPlan& plan, int64_t round, const std::vector<int32_t>& codes,
                SortedRound& sorted);

// The rows of a block (block.h): the queries of one chunk of one sorted round.
class LshRows {
 public:
  // own_slots[i] is the slot of query i in the chunk's window. All arguments must outlive this.
  LshRows(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
          const SortedRound& sorted, int64_t chunk, std::span<const int32_t> own_slots,
          std::vector<float>& weights);

  RowWindow window(int64_t i) const;
  void adjust(int64_t i, const RowWindow& w, float* s) const;
  const float* weight(int64_t i, const RowWindow& w) const;
  void freeze(int64_t i, const RowWindow& w, float* ds) const;

 private:
  int64_t position(int64_t slot) const { return sorted_.position[index(slot)]; }
  int32_t bucket(int64_t slot) const { return sorted_.bucket[index(slot)]; }
  size_t index(int64_t slot) const { return static_cast<size_t>(first_slot_ + slot); }
  bool is_visible(int64_t slot, int64_t own) const;

  const AttentionSemantics& semantics_;
  const HashPlan& plan_;
  const HeadInput& in_;
  const SortedRound& sorted_;
  std::span<const int32_t> own_slots_;
  std::vector<float>& weights_;
  int64_t first_slot_;    // of the window, in the sorted round
  int64_t window_begin_;  // S where there is no chunk before, else 0
  bool correct_duplicates_;
};

}  // namespace reformer
