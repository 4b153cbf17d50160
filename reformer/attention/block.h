// Attention of queries to a block of keys: the piece that full and LSH attention share. A block is
// small enough for its matrices to stay in cache; what a query gets from different blocks is
// merged.
#pragma once

#include <span>
#include <vector>

#include "reformer/attention/ahead.h"
#include "reformer/attention/head_input.h"
#include "reformer/attention/semantics.h"
#include "reformer/math/matrix.h"
#include "reformer/math/operand.h"
#include "reformer/math/softmax_rows.h"

namespace reformer {

// n keys and their values, both ways round, in the precision of the head's input. `key_t` and `v_t`
// have kKeyPadding columns more than keys, with any finite content, so that products may be cut at
// whole vectors.
struct KeyBlock {
  LogitColumns columns;
  RightView key_t;             // [D, n + 16]
  RightView v;                 // [n, D] for the forward pass
  RightView keys;              // [n, D] and the rest for the backward pass
  RightView v_t;               // [D, n + 16]
  MatrixView dkeys, dv;        // [n, D] added to
  RowsAhead* ahead = nullptr;  // what to ask for meanwhile
};
inline constexpr int64_t kKeyPadding = 16;

// So many calls of ahead->step() at least are made for `rows`, twice as many in the backward pass.
int64_t steps_ahead(std::span<const SoftmaxRow> rows);

// A logit rule as numbers, for heads of one width.
struct BlockRule {
  float factor = 1;  // of q . key
  LogitRules logits;
};
BlockRule block_rule(const LogitRule& rule, int64_t head_dim);
void set_other_bucket_rule(const AttentionSemantics& semantics, BlockRule& rule);

struct BlockScratch {
  Matrix logits, dlogits;                       // [rows of a group, n + 16]
  LeftOperand left;                             // of one product
  RightOperand weights;                         // of keys, [rows of a group, n]
  TwoWayOperand queries, doutputs, dproducts;   // [rows of a group, D], the last [.., n]
  Matrix outputs, dqueries;                     // [rows of a group, D]
  std::vector<int32_t> positions, output_rows;  // of a group
  std::vector<SoftmaxTotal> totals;             // of a group
  std::vector<float> delta;                     // of a group
};

// Merges the attention of `rows` to the block into rows position - in.queries.begin of `out` [M, D]
// and `totals` [M]; the first block of a query overwrites.
void block_forward(const BlockRule& rule, const HeadInput& in, const KeyBlock& block,
                   std::span<const SoftmaxRow> rows, bool is_first, MatrixView out,
                   std::span<SoftmaxTotal> totals, BlockScratch& scratch);

// What the backward pass needs of a query beside its rows, in one place of memory.
struct alignas(16) QueryTotal {
  SoftmaxTotal softmax;
  float delta = 0;  // out . dout, which the gradients of logits are differences to
};

// In bf16 gradients are differences of products with a rounded dout, so delta is one too: what
// rounding adds to both cancels.   softmax: [M]   out, dout: [M, D]   rounded: scratch
void query_totals(Precision precision, std::span<const SoftmaxTotal> softmax, ConstMatrixView out,
                  ConstMatrixView dout, std::vector<QueryTotal>& totals,
                  std::vector<float>& rounded);

// Gradients for the softmax over everything that the queries saw: `totals` are those of the final
// output, so that blocks and rounds need no further combination.
// dout: [M, D]   totals: [M]   dqk: [T, D], to which the gradients of the queries are added;
// those of keys and values are added to the block's.
void block_backward(const BlockRule& rule, const HeadInput& in, const KeyBlock& block,
                    std::span<const SoftmaxRow> rows, ConstMatrixView dout,
                    std::span<const QueryTotal> totals, MatrixView dqk, BlockScratch& scratch);

}  // namespace reformer
