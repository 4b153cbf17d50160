#include "reformer/attention/full.h"

#include <limits>
#include <numeric>

#include "reformer/attention/keys.h"
#include "reformer/attention/own_rule.h"
#include "reformer/base/error.h"
#include "reformer/math/gather.h"

namespace reformer {
namespace {

constexpr int64_t kBlock = 48;  // queries that share the products with the keys

// The window is the whole sequence; query i of a block sits at position first + i.
class FullRows {
 public:
  FullRows(const LogitRule& rule, const HeadInput& in, int64_t first)
      : rule_(rule), in_(in), first_(first) {}

  RowWindow window(int64_t i) const {
    const int64_t own = first_ + i;
    return {0, in_.causal ? own + 1 : in_.qk.rows, own, in_.valid.empty()};
  }

  void adjust(int64_t, const RowWindow& w, float* s) const {
    if (!w.all_visible) {
      for (int64_t j = w.begin; j < w.end; ++j) {
        if (in_.valid[static_cast<size_t>(j)] == 0 && j != w.own) {
          s[j] = -std::numeric_limits<float>::infinity();
        }
      }
    }
    apply_own_rule(rule_, s[w.own]);
  }

  const float* weight(int64_t, const RowWindow&) const { return nullptr; }

  void freeze(int64_t, const RowWindow& w, float* ds) const {
    if (rule_.own == OwnRule::replace) ds[w.own] = 0;
  }

 private:
  const LogitRule& rule_;
  const HeadInput& in_;
  int64_t first_;
};

void check_shapes(const HeadInput& in) {
  REFORMER_CHECK(in.qk.rows == in.v.rows && in.qk.cols == in.v.cols);
  REFORMER_CHECK(in.queries.begin >= 0 && in.queries.end <= in.qk.rows);
  REFORMER_CHECK(in.valid.empty() || static_cast<int64_t>(in.valid.size()) == in.qk.rows);
}

// Keys by position and transposed.
void prepare_keys(const LogitRule& rule, const HeadInput& in, AttentionWorkspace& work) {
  const auto [t, d] = std::pair(in.qk.rows, in.qk.cols);
  work.inverse_norm.resize(static_cast<size_t>(t));
  keys_forward(rule.key_norm, in.qk, work.keys.reshape(t, d), work.inverse_norm);
  transpose(work.keys, work.key_t.reshape(d, t));
}

// Queries [first, last) times the logit factor.
MatrixView scaled_queries(const LogitRule& rule, const HeadInput& in, int64_t first, int64_t last,
                          AttentionWorkspace& work) {
  const float factor = logit_factor(rule.scale, in.qk.cols);
  const MatrixView q = work.queries.reshape(last - first, in.qk.cols);
  for (int64_t i = 0; i < q.rows; ++i) {
    row_scale(q.row(i), in.qk.row(first + i), factor, q.cols);
  }
  return q;
}

}  // namespace

void full_forward(const LogitRule& rule, const HeadInput& in, MatrixView out, std::span<float> lse,
                  AttentionWorkspace& work) {
  check_shapes(in);
  REFORMER_CHECK(out.rows == in.queries.size() && out.cols == in.qk.cols);
  prepare_keys(rule, in, work);
  for (int64_t first = in.queries.begin; first < in.queries.end; first += kBlock) {
    const int64_t last = std::min(in.queries.end, first + kBlock);
    const int64_t at = first - in.queries.begin;
    FullRows rows(rule, in, first);
    block_forward(rows, kBlock, scaled_queries(rule, in, first, last, work), work.key_t, in.v,
                  out.row_range(at, at + last - first), lse.data() + at, work.block);
  }
}

void full_backward(const LogitRule& rule, const HeadInput& in, ConstMatrixView out,
                   std::span<const float> lse, ConstMatrixView dout, MatrixView dqk, MatrixView dv,
                   AttentionWorkspace& work) {
  check_shapes(in);
  const auto [t, d] = std::pair(in.qk.rows, in.qk.cols);
  const float factor = logit_factor(rule.scale, d);
  prepare_keys(rule, in, work);
  transpose(in.v, work.value_t.reshape(d, t));
  work.dkeys.reshape(t, d);
  work.dkeys.fill(0);
  work.delta.resize(kBlock);
  for (int64_t first = in.queries.begin; first < in.queries.end; first += kBlock) {
    const int64_t last = std::min(in.queries.end, first + kBlock);
    const int64_t at = first - in.queries.begin;
    const int64_t count = last - first;
    for (int64_t i = 0; i < count; ++i) {
      work.delta[static_cast<size_t>(i)] = row_dot(out.row(at + i), dout.row(at + i), d);
    }
    FullRows rows(rule, in, first);
    const MatrixView dq = work.dqueries.reshape(count, d);
    block_backward(rows, kBlock, scaled_queries(rule, in, first, last, work), work.key_t, work.keys,
                   work.value_t, dout.row_range(at, at + count), lse.data() + at, work.delta.data(),
                   dq, work.dkeys, dv, work.block);
    for (int64_t i = 0; i < count; ++i) row_add_scaled(dqk.row(first + i), dq.row(i), factor, d);
  }
  keys_backward(rule.key_norm, work.keys, work.inverse_norm, work.dkeys, dqk);
}

}  // namespace reformer
