#include "reformer/attention/lsh.h"

#include <algorithm>

#include "reformer/attention/keys.h"
#include "reformer/base/error.h"
#include "reformer/math/gather.h"
#include "reformer/math/rows.h"

namespace reformer {
namespace {

// Slots of a block, one chunk aside: it stays in the second-level cache. A long sequence is in no
// cache, and the rows of the next block need room beside those of this one.
constexpr int64_t kSlots = 512;
constexpr int64_t kSlotsOfLong = 192;
constexpr int64_t kLong = 16384;
// The rows of a shorter one are near in any case.
constexpr int64_t kWorthAsking = 4096;

// Walks the blocks of chunks of every round and prepares what both directions need.
class Walk {
 public:
  Walk(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
       AttentionWorkspace& work)
      : semantics_(semantics), plan_(plan), in_(in), work_(work) {
    check_head_input(in);
    REFORMER_CHECK(in.qk.rows == plan.length && plan.rounds <= kMaxRounds);
    work.facts.set(semantics, plan, in.qk);
    work.ahead.clear();
    work.ahead.add(in.qk);
    work.ahead.add(in.v);
    work.ahead.add(work.facts.rows());
  }

  BlockRule rule() const {
    BlockRule rule = block_rule(semantics_.lsh, in_.qk.cols);
    set_other_bucket_rule(semantics_, rule);
    return rule;
  }

  int64_t chunks_of_block() const {
    const int64_t slots = plan_.length > kLong ? kSlotsOfLong : kSlots;
    return std::max<int64_t>(1, slots / plan_.chunk_length);
  }

  // Calls body(round, block) for every block that has wanted queries; they are in work.rows.
  template <class Body>
  void for_each_block(const Body& body) {
    const int64_t chunks = chunks_of_block();
    for (int64_t round = 0; round < plan_.rounds; ++round) {
      for (int64_t first = 0; first < plan_.chunks(); first += chunks) {
        const int64_t last = std::min(plan_.chunks(), first + chunks);
        work_.slots.sort(plan_, in_, work_.facts, round, first, last);
        work_.slots.find_rows(semantics_, plan_, in_, work_.rows);
        if (work_.rows.empty()) continue;
        KeyBlock block;
        block.columns = work_.slots.columns(plan_.rounds);
        block.key_t = work_.key_t.transposed(block_keys(), in_.precision, kKeyPadding);
        look_ahead(round, last, block);
        body(round, block);
      }
    }
  }

 private:
  // The keys of the slots, [count, D].
  MatrixView block_keys() {
    const std::span<const int32_t> positions = work_.slots.positions();
    const MatrixView keys = work_.block_keys.reshape(work_.slots.count, in_.qk.cols);
    for (int64_t i = 0; i < keys.rows; ++i) {
      const int32_t t = positions[static_cast<size_t>(i)];
      row_scale(keys.row(i), in_.qk.row(t), work_.facts.factor(t), keys.cols);
    }
    return keys;
  }

  // The next block is the one after `last` chunks of this round, or the first of the next.
  void look_ahead(int64_t round, int64_t last, KeyBlock& block) {
    if (plan_.length <= kWorthAsking) return;
    const size_t next = static_cast<size_t>(round * plan_.length + last * plan_.chunk_length);
    const size_t most = static_cast<size_t>(chunks_of_block() * plan_.chunk_length);
    const std::span<const int32_t> rest = std::span(plan_.order).subspan(next);
    work_.ahead.expect(rest.first(std::min(rest.size(), most)), steps_ahead(work_.rows));
    block.ahead = &work_.ahead;
  }

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
  work.ahead.add(out, in.queries);
  work.ahead.add(std::span<const SoftmaxTotal>(totals), in.queries);
  walk.for_each_block([&](int64_t round, KeyBlock& block) {
    block.v = work.value_rows.copied(RowSource(in.v, work.slots.positions()), in.precision);
    block_forward(rule, in, block, work.rows, round == 0, out, totals, work.block);
  });
}

void lsh_backward(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
                  ConstMatrixView out, std::span<const SoftmaxTotal> totals, ConstMatrixView dout,
                  MatrixView dqk, MatrixView dv, AttentionWorkspace& work) {
  Walk walk(semantics, plan, in, work);
  const BlockRule rule = walk.rule();
  const int64_t d = in.qk.cols;
  query_totals(in.precision, totals, out, dout, work.totals, work.rounded);
  work.dkeys.reshape(plan.length, d);
  work.dkeys.fill(0);
  work.ahead.add(work.dkeys.view());
  work.ahead.add(dv);
  work.ahead.add(dout, in.queries);
  work.ahead.add(dqk);
  work.ahead.add(std::span<const QueryTotal>(work.totals), in.queries);
  walk.for_each_block([&](int64_t, KeyBlock& block) {
    const std::span<const int32_t> positions = work.slots.positions();
    block.keys = work.key_rows.of(work.block_keys, in.precision);
    block.v_t = work.value_t.transposed(RowSource(in.v, positions), in.precision, kKeyPadding);
    block.dkeys = work.block_dkeys.reshape(work.slots.count, d);
    work.block_dkeys.fill(0);
    block.dv = work.block_dvalues.reshape(work.slots.count, d);
    work.block_dvalues.fill(0);
    block_backward(rule, in, block, work.rows, dout, work.totals, dqk, work.block);
    scatter_add_rows(block.dkeys, positions, 1, work.dkeys);
    scatter_add_rows(block.dv, positions, 1, dv);
  });
  for (int64_t first = 0; first < plan.length; first += kRowsAhead) {
    const int64_t last = std::min(plan.length, first + kRowsAhead);
    ask_for_next_rows(in.qk, first);
    ask_for_next_rows(dqk, first);
    const ConstMatrixView qk = in.qk.row_range(first, last);
    work.key_factors.clear();
    for (int64_t t = first; t < last; ++t) work.key_factors.push_back(work.facts.factor(t));
    const MatrixView keys = work.block_keys.reshape(last - first, d);
    keys_forward(qk, work.key_factors, keys);
    keys_backward(semantics.lsh.key_norm, keys, work.key_factors,
                  work.dkeys.view().row_range(first, last), dqk.row_range(first, last));
  }
}

}  // namespace reformer
