// Scratch memory of one thread for the attention of one head. Reused from call to call, so that it
// settles after the first: one matrix of [T, D], and some for a block of keys that stay in cache.
#pragma once

#include <cstdint>
#include <vector>

#include "reformer/attention/block.h"
#include "reformer/attention/slots.h"
#include "reformer/math/matrix.h"

namespace reformer {

struct AttentionWorkspace {
  Matrix dkeys;                    // [T, D] by position, LSH attention
  std::vector<float> key_factors;  // see keys.h: of a block
  std::vector<QueryTotal> totals;  // [M]
  std::vector<float> rounded;      // [D] of query_totals
  // The keys of a block.
  RightOperand key_t, value_t;                    // [D, n + 16]
  RightOperand key_rows, value_rows;              // [n, D]
  Matrix block_keys, block_dkeys, block_dvalues;  // [n, D]
  std::vector<int32_t> position, visible_from;    // [n + 16] full attention
  PositionFacts facts;                            // LSH attention
  SortedSlots slots;
  std::vector<SoftmaxRow> rows;
  RowsAhead ahead;
  BlockScratch block;
};

}  // namespace reformer
