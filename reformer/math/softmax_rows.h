// Softmax over rows of logits of which each row sees a part: the piece of attention between its
// two products. A row is a query, a column is a key; a block of them is in memory at a time, and
// the parts of a query's softmax that come from different blocks are merged.
#pragma once

#include <cstdint>
#include <span>

#include "reformer/math/matrix.h"
#include "reformer/math/softmax_total.h"

namespace reformer {

// What turns the product of a query and a key into a logit.
struct LogitRules {
  float own_factor = 1;          // a query's logit with itself is own_factor * product + own_shift;
  float own_shift = 0;           // a factor of 0 replaces the product, and no gradient passes
  float other_bucket_shift = 0;  // added for a key of another bucket; -infinity forbids it
};

// The keys of a block, column by column. Every array can be read 16 elements past its end, and so
// can a row of a matrix of logits, where it is also written.
struct LogitColumns {
  const int32_t* position = nullptr;      // in the sequence
  const int32_t* visible_from = nullptr;  // queries from here on see it, others do not
  const int32_t* bucket = nullptr;        // or null: there are no buckets
  // Meeting codes, [rounds, code_stride], or null where duplicates are not corrected: the weight of
  // a key is 1 / N with N, at least 1, the rounds in which the query's code minus the key's is 0 or
  // 1. The query's are those in its own column, which must then be part of the block.
  const int32_t* codes = nullptr;
  int64_t rounds = 0, code_stride = 0;

  LogitColumns from(int64_t column) const;  // the same without the first columns
};

// What one query sees of a block.
struct SoftmaxRow {
  int32_t begin = 0, end = 0;  // columns outside of which it sees nothing
  int32_t own = -1;            // its own column, anything outside of [begin, end) if it has none
  int32_t position = 0;        // in the sequence
  // Where it is false, the query sees all of [begin, end), none of another bucket, and itself only
  // in its own column. Where it is true, all of that is decided key by key.
  bool tested = false;
};

// logits: [n, W] products -> weight * e^(logit - max), 0 where a row sees nothing, and the total of
// each row. Row i is rows[i]; its columns count from `first`, which changes no bit of what a row
// gets.   totals: [n], overwritten
void softmax_rows(const LogitRules& rules, const LogitColumns& columns, int64_t first,
                  std::span<const SoftmaxRow> rows, MatrixView logits, SoftmaxTotal* totals);

// logits: [n, W] products -> probabilities, for totals over all blocks of each row.
void softmax_rows_again(const LogitRules& rules, const LogitColumns& columns, int64_t first,
                        std::span<const SoftmaxRow> rows, MatrixView logits,
                        const SoftmaxTotal* totals);

// p: [n, W] probabilities -> the gradient p * (dp - delta) of the products.   delta: [n], out .
// dout The form is that of Dao et al. 2022 (FlashAttention).
void softmax_rows_backward(const LogitRules& rules, const LogitColumns& columns, int64_t first,
                           std::span<const SoftmaxRow> rows, MatrixView p, ConstMatrixView dp,
                           const float* delta);

// Merges what a block adds into the outputs so far.
// part: [n, D] sum of weight * e^(logit - max) * v, with its totals   out: [*, D] normalised
// Row i belongs to row `to[i]` of `out` and `totals`, which is overwritten when `is_first`.
void merge_softmax(ConstMatrixView part, const SoftmaxTotal* part_totals,
                   std::span<const int32_t> to, bool is_first, MatrixView out,
                   SoftmaxTotal* totals);

}  // namespace reformer
