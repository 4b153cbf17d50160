// How many floating-point operations a result needs: what the mathematics asks for when rows that
// no loss sees are left out. Computing something again, and what a kernel does beyond its need,
// counts for nothing. docs/performance.md states the same formulas.
#pragma once

#include <cstdint>

#include "reformer/model/attention_choice.h"
#include "reformer/model/config.h"

namespace reformer {

// Keys that a query meets on average when the last `queries` of `length` positions ask: those up to
// itself (all, where attention is not causal) under full attention, 2 S in each round under LSH.
double keys_of_a_query(const AttentionChoice& attention, int64_t length, int64_t queries);

// Attention alone, all heads: 2 products of D for each pair forward and 4 backward, and 2
// operations for each term.   `width` = H D
double attention_operations(const AttentionChoice& attention, int64_t length, int64_t queries,
                            int64_t width);

// Forward pass of one sequence with `scored` rows in the loss. In the last layer only those rows
// ask; layers before it ask everywhere.
double forward_operations(const ModelConfig& config, const AttentionChoice& attention,
                          int64_t scored);

// Forward and backward, which needs two products for each of forward.
inline double training_operations(const ModelConfig& config, const AttentionChoice& attention,
                                  int64_t scored) {
  return 3 * forward_operations(config, attention, scored);
}

}  // namespace reformer
