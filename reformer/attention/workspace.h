// Scratch memory of one thread for the attention of one head. Reused from call to call, so that it
// settles after the first; about 10 matrices of [T, D].
#pragma once

#include <vector>

#include "reformer/attention/block.h"
#include "reformer/math/matrix.h"

namespace reformer {

// The keys of one hash round in sorted order: S slots for the last chunk of the round before (the
// rounds form a ring), then the T places of the round. A chunk's window is 2 S slots from S *
// chunk.
struct SortedRound {
  int64_t round = 0;
  std::vector<int32_t> position;      // [S + T]
  std::vector<int32_t> bucket;        // [S + T] round * N + bucket
  std::vector<int32_t> bucket_start;  // [S + T] first slot of the slot's bucket
  std::vector<int32_t> codes;         // [R, S + T] see lsh_rows.h
};

struct AttentionWorkspace {
  Matrix keys, dkeys;               // [T, D] by position, after the key norm, and their gradient
  std::vector<float> inverse_norm;  // [T]
  Matrix key_t, value_t;            // [D, n] keys and values of the windows, transposed
  Matrix window_keys, window_values, window_dkeys, window_dvalues;  // [n, D]
  Matrix queries, outputs, doutputs, dqueries;                      // [M, D] of one block
  std::vector<float> lse, delta, block_delta;                       // [M]
  std::vector<int32_t> positions, output_rows;                      // [M] of one block's queries
  std::vector<int32_t> own_slots;                                   // [M] their slots in the window
  std::vector<int32_t> codes;                                       // [R, T] see lsh_rows.h
  std::vector<float> weights;                                       // [2 S]
  SortedRound sorted;
  BlockScratch block;
};

// Rows of a sequence whose attention is wanted: [begin, end).
struct QueryRange {
  int64_t begin, end;
  int64_t size() const { return end - begin; }
};

}  // namespace reformer
