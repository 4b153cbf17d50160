#include "reformer/attention/lsh.h"

#include <algorithm>

#include "reformer/attention/keys.h"
#include "reformer/base/error.h"
#include "reformer/math/gather.h"
#include "reformer/math/rows.h"

namespace reformer {
namespace {

constexpr int64_t kSlots = 512;  // of a block, one chunk aside: it stays in the second-level cache

// Walks the blocks of chunks of every round and prepares what both directions need.
class Walk {
 public:
  Walk(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
       AttentionWorkspace& work)
      : semantics_(semantics), plan_(plan), in_(in), work_(work) {
    check_head_input(in);
    REFORMER_CHECK(in.qk.rows == plan.length && plan.rounds <= kMaxRounds);
    work.inverse_norm.resize(static_cast<size_t>(plan.length));
    keys_forward(semantics.lsh.key_norm, in.qk, work.keys.reshape(plan.length, in.qk.cols),
                 work.inverse_norm);
    work.codes.clear();
    if (semantics.correct_duplicates && plan.rounds > 1) {
      meeting_codes(plan, semantics.other_bucket, work.codes);
    }
  }

  BlockRule rule() const {
    BlockRule rule = block_rule(semantics_.lsh, in_.qk.cols);
    set_other_bucket_rule(semantics_, rule);
    return rule;
  }

  // Calls body(round, block) for every block that has wanted queries; they are in work.rows.
  template <class Body>
  void for_each_block(const Body& body) {
    const int64_t chunks = std::max<int64_t>(1, kSlots / plan_.chunk_length);
    for (int64_t round = 0; round < plan_.rounds; ++round) {
      for (int64_t first = 0; first < plan_.chunks(); first += chunks) {
        const int64_t last = std::min(plan_.chunks(), first + chunks);
        work_.slots.sort(plan_, in_, work_.codes, round, first, last);
        work_.slots.find_rows(semantics_, plan_, in_, work_.rows);
        if (work_.rows.empty()) continue;
        KeyBlock block;
        block.columns = work_.slots.columns(plan_.rounds);
        block.key_t = padded_gather_transposed(work_.keys, work_.slots.positions(), work_.key_t);
        body(round, block);
      }
    }
  }

 private:
  const AttentionSemantics& semantics_;
  const HashPlan& plan_;
  const HeadInput& in_;
  AttentionWorkspace& work_;
};

}  // namespace

void lsh_forward(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
                 MatrixView out, std::span<SoftmaxTotal> totals, AttentionWorkspace& work) {
  REFORMER_CHECK(out.rows == in.queries.size() && out.cols == in.qk.cols);
  Walk walk(semantics, plan, in, work);
  const BlockRule rule = walk.rule();
  walk.for_each_block([&](int64_t round, KeyBlock& block) {
    const MatrixView v = work.block_values.reshape(work.slots.count, in.v.cols);
    gather_rows(in.v, work.slots.positions(), 1, v);
    block.v = v;
    block_forward(rule, in, block, work.rows, round == 0, out, totals, work.block);
  });
}

void lsh_backward(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
                  ConstMatrixView out, std::span<const SoftmaxTotal> totals, ConstMatrixView dout,
                  MatrixView dqk, MatrixView dv, AttentionWorkspace& work) {
  Walk walk(semantics, plan, in, work);
  const BlockRule rule = walk.rule();
  const int64_t d = in.qk.cols;
  work.delta.resize(static_cast<size_t>(in.queries.size()));
  for (int64_t i = 0; i < in.queries.size(); ++i) {
    work.delta[static_cast<size_t>(i)] = row_dot(out.row(i), dout.row(i), d);
  }
  work.dkeys.reshape(plan.length, d);
  work.dkeys.fill(0);
  walk.for_each_block([&](int64_t, KeyBlock& block) {
    const std::span<const int32_t> positions = work.slots.positions();
    const MatrixView keys = work.block_keys.reshape(work.slots.count, d);
    gather_rows(work.keys, positions, 1, keys);
    block.keys = keys;
    block.v_t = padded_gather_transposed(in.v, positions, work.value_t);
    block.dkeys = work.block_dkeys.reshape(work.slots.count, d);
    work.block_dkeys.fill(0);
    block.dv = work.block_dvalues.reshape(work.slots.count, d);
    work.block_dvalues.fill(0);
    block_backward(rule, in, block, work.rows, dout, totals, work.delta, dqk, work.block);
    scatter_add_rows(block.dkeys, positions, 1, work.dkeys);
    scatter_add_rows(block.dv, positions, 1, dv);
  });
  keys_backward(semantics.lsh.key_norm, work.keys, work.inverse_norm, work.dkeys, dqk);
}

}  // namespace reformer
