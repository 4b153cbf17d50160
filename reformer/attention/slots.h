// Keys in the order that a hash round sorts them: which of them a query sees under LSH attention.
//
// Keys are sorted by (bucket, position), so under causal attention the keys of a query's bucket
// that it may see are one range that ends at itself, and nothing needs to be tested key by key.
// That is the fast path; every other case is decided for each key.
#pragma once

#include <cstdint>
#include <vector>

#include "reformer/attention/head_input.h"
#include "reformer/attention/plan.h"
#include "reformer/attention/semantics.h"
#include "reformer/math/softmax_rows.h"

namespace reformer {

// Meeting codes: in each round the pairs (bucket, chunk) that occur are numbered in sorted order,
// with a gap after each bucket. A key meets a query in a round when the query's number minus its
// own is 0 or 1: they share the bucket, and the key is in the query's chunk or the one before.
// Where other buckets are allowed, all count as one.
// codes: [R, T]
void meeting_codes(const HashPlan& plan, OtherBucketRule other_bucket, std::vector<int32_t>& codes);

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

  // `codes` may be empty when duplicates are not corrected.
  void sort(const HashPlan& plan, const HeadInput& in, const std::vector<int32_t>& codes,
            int64_t round, int64_t first, int64_t last);

  std::span<const int32_t> positions() const {
    return std::span(position).first(static_cast<size_t>(count));
  }
  LogitColumns columns(int64_t rounds) const;

  // What the wanted queries of the chunks see, in order of their slots.
  void find_rows(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
                 std::vector<SoftmaxRow>& rows) const;
};

}  // namespace reformer
