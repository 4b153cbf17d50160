#include "reformer/attention/lsh.h"

#include <cmath>
#include <limits>

#include "reformer/attention/keys.h"
#include "reformer/attention/lsh_rows.h"
#include "reformer/base/error.h"
#include "reformer/math/gather.h"

namespace reformer {
namespace {

constexpr int64_t kGroup = 24;  // queries that share the products with the keys

// Walks the chunks of every round and prepares what both directions need.
class Walk {
 public:
  Walk(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
       AttentionWorkspace& work)
      : semantics_(semantics), plan_(plan), in_(in), work_(work) {
    REFORMER_CHECK(in.qk.rows == plan.length && in.v.rows == plan.length);
    REFORMER_CHECK(in.qk.cols == in.v.cols && plan.rounds <= kMaxRounds);
    REFORMER_CHECK(in.queries.begin >= 0 && in.queries.end <= plan.length);
    REFORMER_CHECK(in.valid.empty() || static_cast<int64_t>(in.valid.size()) == plan.length);
    work.inverse_norm.resize(static_cast<size_t>(plan.length));
    keys_forward(semantics.lsh.key_norm, in.qk, work.keys.reshape(plan.length, in.qk.cols),
                 work.inverse_norm);
    work.codes.clear();
    if (semantics.correct_duplicates && plan.rounds > 1) {
      meeting_codes(plan, semantics.other_bucket, work.codes);
    }
  }

  int64_t slots() const { return plan_.chunk_length + plan_.length; }
  float factor() const { return logit_factor(semantics_.lsh.scale, in_.qk.cols); }

  void enter_round(int64_t round) {
    sort_round(plan_, round, work_.codes, work_.sorted);
    gather_transposed(work_.keys, work_.sorted.position, work_.key_t.reshape(in_.qk.cols, slots()));
  }

  // Finds the chunk's queries and gathers their vectors; false when there are none.
  bool enter_chunk(int64_t chunk) {
    const int64_t s = plan_.chunk_length;
    work_.positions.clear();
    work_.output_rows.clear();
    work_.own_slots.clear();
    for (int64_t slot = s; slot < 2 * s; ++slot) {
      const int32_t t = work_.sorted.position[static_cast<size_t>(chunk * s + slot)];
      if (t < in_.queries.begin || t >= in_.queries.end) continue;
      work_.positions.push_back(t);
      work_.output_rows.push_back(t - static_cast<int32_t>(in_.queries.begin));
      work_.own_slots.push_back(static_cast<int32_t>(slot));
    }
    if (work_.positions.empty()) return false;
    gather_rows(in_.qk, work_.positions, factor(),
                work_.queries.reshape(static_cast<int64_t>(work_.positions.size()), in_.qk.cols));
    return true;
  }

  LshRows rows(int64_t chunk) const {
    return LshRows(semantics_, plan_, in_, work_.sorted, chunk, work_.own_slots, work_.weights);
  }

  // The slots of a chunk's window in a matrix of all slots.
  template <class View>
  View window(View all, int64_t chunk) const {
    return all.row_range(chunk * plan_.chunk_length, (chunk + 2) * plan_.chunk_length);
  }
  ConstMatrixView window_columns(const Matrix& all, int64_t chunk) const {
    return all.view().col_range(chunk * plan_.chunk_length, (chunk + 2) * plan_.chunk_length);
  }

 private:
  const AttentionSemantics& semantics_;
  const HashPlan& plan_;
  const HeadInput& in_;
  AttentionWorkspace& work_;
};

// Adds one round's outputs to the running softmax over rounds.
void combine(const AttentionWorkspace& work, bool first_round, MatrixView out,
             std::span<float> lse) {
  for (size_t i = 0; i < work.output_rows.size(); ++i) {
    const int32_t row = work.output_rows[i];
    const float* round_out = work.outputs.row(static_cast<int64_t>(i));
    float& total = lse[static_cast<size_t>(row)];
    if (first_round) {
      row_scale(out.row(row), round_out, 1, out.cols);
      total = work.lse[i];
      continue;
    }
    // Shares from the differences, so that they add up to 1 even where the sums are -1e6 and floats
    // are 1/16 apart.
    const float most = std::max(total, work.lse[i]);
    const float before = std::exp(total - most);
    const float now = std::exp(work.lse[i] - most);
    row_blend(out.row(row), before / (before + now), round_out, now / (before + now), out.cols);
    total = most + std::log(before + now);
  }
}

}  // namespace

void lsh_forward(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
                 MatrixView out, std::span<float> lse, AttentionWorkspace& work) {
  REFORMER_CHECK(out.rows == in.queries.size() && out.cols == in.qk.cols);
  Walk walk(semantics, plan, in, work);
  const int64_t d = in.qk.cols;
  for (int64_t round = 0; round < plan.rounds; ++round) {
    walk.enter_round(round);
    gather_rows(in.v, work.sorted.position, 1, work.window_values.reshape(walk.slots(), d));
    for (int64_t chunk = 0; chunk < plan.chunks(); ++chunk) {
      if (!walk.enter_chunk(chunk)) continue;
      const auto count = static_cast<int64_t>(work.positions.size());
      work.lse.resize(static_cast<size_t>(count));
      LshRows rows = walk.rows(chunk);
      block_forward(rows, kGroup, work.queries, walk.window_columns(work.key_t, chunk),
                    walk.window(ConstMatrixView(work.window_values), chunk),
                    work.outputs.reshape(count, d), work.lse.data(), work.block);
      combine(work, round == 0, out, lse);
    }
  }
}

void lsh_backward(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
                  ConstMatrixView out, std::span<const float> lse, ConstMatrixView dout,
                  MatrixView dqk, MatrixView dv, AttentionWorkspace& work) {
  Walk walk(semantics, plan, in, work);
  const int64_t d = in.qk.cols;
  work.delta.resize(static_cast<size_t>(in.queries.size()));
  for (int64_t i = 0; i < in.queries.size(); ++i) {
    work.delta[static_cast<size_t>(i)] = row_dot(out.row(i), dout.row(i), d);
  }
  work.dkeys.reshape(plan.length, d);
  work.dkeys.fill(0);
  for (int64_t round = 0; round < plan.rounds; ++round) {
    walk.enter_round(round);
    const std::span<const int32_t> order = work.sorted.position;
    gather_rows(work.keys, order, 1, work.window_keys.reshape(walk.slots(), d));
    gather_transposed(in.v, order, work.value_t.reshape(d, walk.slots()));
    work.window_dkeys.reshape(walk.slots(), d);
    work.window_dkeys.fill(0);
    work.window_dvalues.reshape(walk.slots(), d);
    work.window_dvalues.fill(0);
    for (int64_t chunk = 0; chunk < plan.chunks(); ++chunk) {
      if (!walk.enter_chunk(chunk)) continue;
      const auto count = static_cast<int64_t>(work.positions.size());
      gather_rows(dout, work.output_rows, 1, work.doutputs.reshape(count, d));
      work.lse.resize(static_cast<size_t>(count));
      work.block_delta.resize(static_cast<size_t>(count));
      for (size_t i = 0; i < work.output_rows.size(); ++i) {
        work.lse[i] = lse[static_cast<size_t>(work.output_rows[i])];
        work.block_delta[i] = work.delta[static_cast<size_t>(work.output_rows[i])];
      }
      LshRows rows = walk.rows(chunk);
      const MatrixView dq = work.dqueries.reshape(count, d);
      block_backward(rows, kGroup, work.queries, walk.window_columns(work.key_t, chunk),
                     walk.window(ConstMatrixView(work.window_keys), chunk),
                     walk.window_columns(work.value_t, chunk), work.doutputs, work.lse.data(),
                     work.block_delta.data(), dq, walk.window(MatrixView(work.window_dkeys), chunk),
                     walk.window(MatrixView(work.window_dvalues), chunk), work.block);
      scatter_add_rows(dq, work.positions, walk.factor(), dqk);
    }
    scatter_add_rows(work.window_dkeys, order, 1, work.dkeys);
    scatter_add_rows(work.window_dvalues, order, 1, dv);
  }
  keys_backward(semantics.lsh.key_norm, work.keys, work.inverse_norm, work.dkeys, dqk);
}

}  // namespace reformer
