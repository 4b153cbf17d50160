#include "reformer/attention/full.h"

#include <algorithm>

#include "reformer/attention/keys.h"
#include "reformer/base/error.h"

namespace reformer {
namespace {

constexpr int64_t kKeys = 256;     // of a block: it stays in the second-level cache
constexpr int64_t kQueries = 192;  // that are listed at a time

// Walks the blocks of keys and prepares what both directions need.
class FullWalk {
 public:
  FullWalk(const LogitRule& rule, const HeadInput& in, AttentionWorkspace& work)
      : in_(in), work_(work), norm_(rule.key_norm) {
    check_head_input(in);
    work.key_factors.resize(kKeys);
    work.position.resize(kKeys + kKeyPadding);
    work.visible_from.resize(kKeys + kKeyPadding);
  }

  // Takes keys [first, last).
  KeyBlock enter(int64_t first, int64_t last) {
    first_ = first;
    last_ = last;
    const int64_t n = last - first;
    const int64_t d = in_.qk.cols;
    const MatrixView keys = work_.block_keys.reshape(n, d);
    const ConstMatrixView qk = in_.qk.row_range(first, last);
    key_factors(norm_, qk, work_.key_factors);
    keys_forward(qk, work_.key_factors, keys);
    KeyBlock block;
    block.key_t = work_.key_t.transposed(keys, in_.precision, kKeyPadding);
    for (int64_t i = 0; i < n; ++i) {
      work_.position[static_cast<size_t>(i)] = static_cast<int32_t>(first + i);
      work_.visible_from[static_cast<size_t>(i)] = in_.visible_from(first + i);
    }
    block.columns.position = work_.position.data();
    block.columns.visible_from = work_.visible_from.data();
    return block;
  }

  // Calls body(rows) for the queries that see any of the keys, some at a time.
  template <class Body>
  void for_each_rows(const Body& body) {
    const int64_t begin = in_.causal ? std::max(in_.queries.begin, first_) : in_.queries.begin;
    for (int64_t from = begin; from < in_.queries.end; from += kQueries) {
      work_.rows.clear();
      for (int64_t t = from; t < std::min(in_.queries.end, from + kQueries); ++t) {
        const int64_t end = in_.causal ? std::min(last_, t + 1) : last_;
        work_.rows.push_back({.begin = 0,
                              .end = static_cast<int32_t>(end - first_),
                              .own = static_cast<int32_t>(t - first_),
                              .position = static_cast<int32_t>(t),
                              .tested = !in_.valid.empty()});
      }
      body(std::span<const SoftmaxRow>(work_.rows));
    }
  }

 private:
  const HeadInput& in_;
  AttentionWorkspace& work_;
  KeyNorm norm_;
  int64_t first_ = 0, last_ = 0;
};

}  // namespace

void full_forward(const LogitRule& rule, const HeadInput& in, MatrixView out,
                  std::span<SoftmaxTotal> totals, AttentionWorkspace& work) {
  REFORMER_CHECK(out.rows == in.queries.size() && out.cols == in.qk.cols);
  FullWalk walk(rule, in, work);
  const BlockRule block_rules = block_rule(rule, in.qk.cols);
  const int64_t length = in.causal ? in.queries.end : in.qk.rows;
  for (int64_t first = 0; first < length; first += kKeys) {
    const int64_t last = std::min(length, first + kKeys);
    KeyBlock block = walk.enter(first, last);
    block.v = work.value_rows.of(in.v.row_range(first, last), in.precision);
    walk.for_each_rows([&](std::span<const SoftmaxRow> rows) {
      block_forward(block_rules, in, block, rows, first == 0, out, totals, work.block);
    });
  }
}

void full_backward(const LogitRule& rule, const HeadInput& in, ConstMatrixView out,
                   std::span<const SoftmaxTotal> totals, ConstMatrixView dout, MatrixView dqk,
                   MatrixView dv, AttentionWorkspace& work) {
  FullWalk walk(rule, in, work);
  const BlockRule block_rules = block_rule(rule, in.qk.cols);
  query_totals(in.precision, totals, out, dout, work.totals, work.rounded);
  const int64_t length = in.causal ? in.queries.end : in.qk.rows;
  for (int64_t first = 0; first < length; first += kKeys) {
    const int64_t last = std::min(length, first + kKeys);
    KeyBlock block = walk.enter(first, last);
    block.keys = work.key_rows.of(work.block_keys, in.precision);
    block.v_t = work.value_t.transposed(in.v.row_range(first, last), in.precision, kKeyPadding);
    block.dkeys = work.block_dkeys.reshape(last - first, in.qk.cols);
    work.block_dkeys.fill(0);
    block.dv = dv.row_range(first, last);
    walk.for_each_rows([&](std::span<const SoftmaxRow> rows) {
      block_backward(block_rules, in, block, rows, dout, work.totals, dqk, work.block);
    });
    keys_backward(rule.key_norm, work.block_keys, work.key_factors, block.dkeys,
                  dqk.row_range(first, last));
  }
}

}  // namespace reformer
