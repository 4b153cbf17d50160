#include "reformer/attention/block.h"

#include <algorithm>
#include <limits>

#include "reformer/attention/keys.h"
#include "reformer/math/gather.h"
#include "reformer/math/rows.h"

namespace reformer {
namespace {

constexpr int64_t kMaxGroup = 48;
constexpr int64_t kRowsOfStep = 4;  // until the next rows of memory are asked for

// Consecutive rows that share products, and the columns that any of them sees.
struct Group {
  size_t first, last;
  int64_t begin, end;

  int64_t size() const { return static_cast<int64_t>(last - first); }
  int64_t width() const { return end - begin; }
};

int64_t whole_vectors(int64_t width) { return (width + 15) / 16 * 16; }

// What a group costs, in elements of its products: those it has, and for its own sake as many as
// the time would do in which it is set up and its part of the gradients is read and written.
int64_t cost(int64_t rows, int64_t width) {
  const int64_t vectors = whole_vectors(width);
  return rows * vectors + vectors + 48;
}

// The longest group from `first` on to which no next row is cheaper as the first of another.
Group next_group(std::span<const SoftmaxRow> rows, size_t first) {
  Group group{first, first + 1, rows[first].begin, rows[first].end};
  while (group.last < rows.size() && group.size() < kMaxGroup) {
    const SoftmaxRow& row = rows[group.last];
    const int64_t begin = std::min<int64_t>(group.begin, row.begin);
    const int64_t end = std::max<int64_t>(group.end, row.end);
    const int64_t apart = cost(group.size(), group.width()) + cost(1, row.end - row.begin);
    if (cost(group.size() + 1, end - begin) > apart) break;
    group = {first, group.last + 1, begin, end};
  }
  return group;
}

void find_rows(const HeadInput& in, std::span<const SoftmaxRow> rows, BlockScratch& scratch) {
  scratch.positions.clear();
  scratch.output_rows.clear();
  for (const SoftmaxRow& row : rows) {
    scratch.positions.push_back(row.position);
    scratch.output_rows.push_back(row.position - static_cast<int32_t>(in.queries.begin));
  }
}

// A group's columns from the first to the last of some pairs, if that is how operands are packed.
Group whole_pairs(Group group, int64_t columns, Precision precision) {
  if (precision == Precision::fp32) return group;
  group.begin -= group.begin % 2;
  group.end = std::min(columns, group.end + group.end % 2);
  return group;
}

// The queries of a group, times the factor of logits.
RowSource queries(const BlockRule& rule, const HeadInput& in, const BlockScratch& scratch) {
  return {in.qk, scratch.positions, rule.factor};
}

// Their products with the keys, in whole vectors.
MatrixView products(const LeftView& q, const KeyBlock& block, const Group& group,
                    BlockScratch& scratch) {
  const MatrixView wide = scratch.logits.reshape(group.size(), whole_vectors(group.width()));
  gemm(q, block.key_t.col_range(group.begin, group.begin + wide.cols), wide, Store::overwrite);
  return wide;
}

std::span<const SoftmaxRow> some(std::span<const SoftmaxRow> rows, int64_t first, int64_t last) {
  return rows.subspan(static_cast<size_t>(first), static_cast<size_t>(last - first));
}

// Calls body(first, last) for some rows of a group after the other.
template <class Body>
void step_by_step(const KeyBlock& block, const Group& group, const Body& body) {
  if (block.ahead == nullptr) return body(int64_t{0}, group.size());
  for (int64_t first = 0; first < group.size(); first += kRowsOfStep) {
    block.ahead->step();
    body(first, std::min(group.size(), first + kRowsOfStep));
  }
}

}  // namespace

int64_t steps_ahead(std::span<const SoftmaxRow> rows) {
  return static_cast<int64_t>(rows.size()) / kRowsOfStep;
}

BlockRule block_rule(const LogitRule& rule, int64_t head_dim) {
  const auto value = static_cast<float>(rule.own_value);
  BlockRule result{logit_factor(rule.scale, head_dim), {}};
  if (rule.own == OwnRule::replace) {
    result.logits.own_factor = 0;
    result.logits.own_shift = value;
  } else if (rule.own == OwnRule::subtract) {
    result.logits.own_shift = -value;
  }
  return result;
}

void set_other_bucket_rule(const AttentionSemantics& semantics, BlockRule& rule) {
  if (semantics.other_bucket == OtherBucketRule::forbidden) {
    rule.logits.other_bucket_shift = -std::numeric_limits<float>::infinity();
  } else if (semantics.other_bucket == OtherBucketRule::subtract) {
    rule.logits.other_bucket_shift = -static_cast<float>(semantics.other_bucket_value);
  }
}

void block_forward(const BlockRule& rule, const HeadInput& in, const KeyBlock& block,
                   std::span<const SoftmaxRow> rows, bool is_first, MatrixView out,
                   std::span<SoftmaxTotal> totals, BlockScratch& scratch) {
  for (size_t first = 0; first < rows.size();) {
    const Group group = whole_pairs(next_group(rows, first), block.v.rows(), in.precision);
    const auto members = rows.subspan(first, group.last - first);
    find_rows(in, members, scratch);
    const LeftView q = scratch.left.copied(queries(rule, in, scratch), in.precision);
    const MatrixView wide = products(q, block, group, scratch);
    scratch.totals.resize(members.size());
    step_by_step(block, group, [&](int64_t from, int64_t to) {
      softmax_rows(rule.logits, block.columns, group.begin, some(members, from, to),
                   wide.row_range(from, to), scratch.totals.data() + from);
    });
    const MatrixView part = scratch.outputs.reshape(group.size(), out.cols);
    gemm(scratch.left.of(wide.col_range(0, group.width()), in.precision),
         block.v.row_range(group.begin, group.end), part, Store::overwrite);
    merge_softmax(part, scratch.totals.data(), scratch.output_rows, is_first, out, totals.data());
    first = group.last;
  }
}

void query_totals(Precision precision, std::span<const SoftmaxTotal> softmax, ConstMatrixView out,
                  ConstMatrixView dout, std::vector<QueryTotal>& totals,
                  std::vector<float>& rounded) {
  totals.resize(static_cast<size_t>(out.rows));
  rounded.resize(static_cast<size_t>(out.cols));
  for (int64_t i = 0; i < out.rows; ++i) {
    if (i % kRowsAhead == 0) {
      ask_for_next_rows(out, i);
      ask_for_next_rows(dout, i);
    }
    const float* dout_i = dout.row(i);
    if (precision == Precision::bf16) {
      round_to_bf16(dout_i, rounded.data(), out.cols);
      dout_i = rounded.data();
    }
    const auto at = static_cast<size_t>(i);
    totals[at] = {softmax[at], row_dot(out.row(i), dout_i, out.cols)};
  }
}

void block_backward(const BlockRule& rule, const HeadInput& in, const KeyBlock& block,
                    std::span<const SoftmaxRow> rows, ConstMatrixView dout,
                    std::span<const QueryTotal> totals, MatrixView dqk, BlockScratch& scratch) {
  for (size_t first = 0; first < rows.size();) {
    const Group group = whole_pairs(next_group(rows, first), block.keys.rows(), in.precision);
    const auto members = rows.subspan(first, group.last - first);
    find_rows(in, members, scratch);
    scratch.queries.copy(queries(rule, in, scratch), in.precision);
    const MatrixView wide = products(scratch.queries.left(), block, group, scratch);
    scratch.totals.clear();
    scratch.delta.clear();
    for (const int32_t row : scratch.output_rows) {
      const QueryTotal& total = totals[static_cast<size_t>(row)];
      scratch.totals.push_back(total.softmax);
      scratch.delta.push_back(total.delta);
    }
    step_by_step(block, group, [&](int64_t from, int64_t to) {
      softmax_rows_again(rule.logits, block.columns, group.begin, some(members, from, to),
                         wide.row_range(from, to), scratch.totals.data() + from);
    });
    const MatrixView p = wide.col_range(0, group.width());
    scratch.doutputs.copy(RowSource(dout, scratch.output_rows), in.precision);
    gemm_at(scratch.weights.of(p, in.precision), scratch.doutputs.right(),
            block.dv.row_range(group.begin, group.end), Store::accumulate);
    const MatrixView dp = scratch.dlogits.reshape(wide.rows, wide.cols);
    gemm(scratch.doutputs.left(), block.v_t.col_range(group.begin, group.begin + wide.cols), dp,
         Store::overwrite);
    step_by_step(block, group, [&](int64_t from, int64_t to) {
      softmax_rows_backward(rule.logits, block.columns, group.begin, some(members, from, to),
                            p.row_range(from, to), dp.row_range(from, to),
                            scratch.delta.data() + from);
    });
    scratch.dproducts.set(p, in.precision);
    const MatrixView dq = scratch.dqueries.reshape(group.size(), dqk.cols);
    gemm(scratch.dproducts.left(), block.keys.row_range(group.begin, group.end), dq,
         Store::overwrite);
    gemm_at(scratch.dproducts.right(), scratch.queries.right(),
            block.dkeys.row_range(group.begin, group.end), Store::accumulate);
    scatter_add_rows(dq, scratch.positions, rule.factor, dqk);
    first = group.last;
  }
}

}  // namespace reformer
