#include "reformer/model/layer.h"

#include <algorithm>

#include "reformer/attention/lsh.h"
#include "reformer/math/activation.h"
#include "reformer/math/rows.h"
#include "reformer/model/dropout.h"
#include "reformer/model/positions.h"
#include "reformer/model/rotations.h"
#include "reformer/model/team_kernels.h"

namespace reformer {
namespace {

// One head's slice of a [*, H D] matrix.
template <class View>
View head_columns(View all, int64_t head, int64_t head_dim) {
  return all.col_range(head * head_dim, (head + 1) * head_dim);
}

HeadInput head_input(const Weights& weights, const PassContext& context, const Example& example,
                     const LayerState& state, QueryRange rows, int64_t head) {
  const int64_t head_dim = weights.config().head_dim;
  return {head_columns(state.compared().view(), head, head_dim),
          head_columns(state.v.view(), head, head_dim),
          example.valid,
          rows,
          context.attention.causal,
          weights.precision()};
}

void attention_forward(const Weights& weights, const PassContext& context, const Example& example,
                       int64_t layer, QueryRange rows, LayerState& state, LayerScratch& scratch) {
  const ModelConfig& config = weights.config();
  const AttentionChoice& attention = context.attention;
  state.totals.resize(static_cast<size_t>(config.heads * rows.size()));
  state.plans.resize(static_cast<size_t>(config.heads));
  scratch.team.each(config.heads, [&](int64_t head, int worker) {
    HeadScratch& own = scratch.heads[static_cast<size_t>(worker)];
    const HeadInput in = head_input(weights, context, example, state, rows, head);
    const MatrixView out = head_columns(state.attended.view(), head, config.head_dim);
    const std::span<SoftmaxTotal> totals =
        std::span(state.totals)
            .subspan(static_cast<size_t>(head * rows.size()), static_cast<size_t>(rows.size()));
    if (attention.kind == AttentionKind::full) {
      full_forward(attention.semantics.full, in, out, totals, own.attention);
      return;
    }
    HashPlan& plan = state.plans[static_cast<size_t>(head)];
    // Hashing is fp32 in every precision, of the vectors that attention is given: where rounding
    // moved one to another bucket the result would jump, which no tolerance tells from a mistake.
    draw_rotations(context, layer, head, config.head_dim, own.rotations);
    make_plan(head_columns(state.qk.view(), head, config.head_dim), own.rotations,
              attention.hash_rounds, attention.bucket_shape(), attention.chunk_length, plan,
              own.plan);
    lsh_forward(attention.semantics, plan, in, out, totals, own.attention);
  });
}

void attention_backward(const Weights& weights, const PassContext& context, const Example& example,
                        QueryRange rows, const LayerState& state, ConstMatrixView all_dout,
                        MatrixView all_dqk, MatrixView all_dv, LayerScratch& scratch) {
  const ModelConfig& config = weights.config();
  const AttentionChoice& attention = context.attention;
  scratch.team.each(config.heads, [&](int64_t head, int worker) {
    AttentionWorkspace& own = scratch.heads[static_cast<size_t>(worker)].attention;
    const HeadInput in = head_input(weights, context, example, state, rows, head);
    const ConstMatrixView out = head_columns(state.attended.view(), head, config.head_dim);
    const ConstMatrixView dout = head_columns(all_dout, head, config.head_dim);
    const std::span<const SoftmaxTotal> totals =
        std::span(state.totals)
            .subspan(static_cast<size_t>(head * rows.size()), static_cast<size_t>(rows.size()));
    const MatrixView dqk = head_columns(all_dqk, head, config.head_dim);
    const MatrixView dv = head_columns(all_dv, head, config.head_dim);
    if (attention.kind == AttentionKind::full) {
      full_backward(attention.semantics.full, in, out, totals, dout, dqk, dv, own);
    } else {
      lsh_backward(attention.semantics, state.plans[static_cast<size_t>(head)], in, out, totals,
                   dout, dqk, dv, own);
    }
  });
}

void activate(const Team& team, Activation kind, ConstMatrixView x, MatrixView y) {
  split_rows(team, x.rows, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      if (kind == Activation::gelu) {
        gelu_forward(x.row(r), y.row(r), x.cols);
      } else {
        relu_forward(x.row(r), y.row(r), x.cols);
      }
    }
  });
}

void activate_backward(const Team& team, Activation kind, ConstMatrixView x, MatrixView dy) {
  split_rows(team, x.rows, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      if (kind == Activation::gelu) {
        gelu_backward(x.row(r), dy.row(r), dy.row(r), x.cols);
      } else {
        relu_backward(x.row(r), dy.row(r), dy.row(r), x.cols);
      }
    }
  });
}

}  // namespace

void add_weight_gradient(ConstMatrixView dy, const RightView& x, Precision precision, MatrixView dw,
                         LayerScratch& scratch) {
  scratch.doutput.set(dy, precision, scratch.team);
  gemm_at(scratch.team, scratch.doutput.right(), x, dw, Store::accumulate);
}

void layer_forward(const Weights& weights, const PassContext& context, const Example& example,
                   int64_t layer, QueryRange rows, ConstMatrixView added_to, LayerState& state,
                   MatrixView y, LayerScratch& scratch) {
  const Team& team = scratch.team;
  const ModelConfig& config = weights.config();
  const LayerWeights& w = weights.layers()[static_cast<size_t>(layer)];
  const Precision precision = weights.precision();
  const bool pre = config.norm == NormPosition::pre;
  const int64_t length = state.x.rows();
  const int64_t inner = config.heads * config.head_dim;

  if (pre) {
    normalise(team, w.norm1, config.norm_epsilon, state.x, state.norm1, state.inverse_std1,
              state.attention_input.reshape(length, config.model_dim));
  }
  const ConstMatrixView in = pre ? state.attention_input : state.x;
  const LeftView in_rows = scratch.left.of(in, precision, team);
  gemm(team, in_rows, w.qk.transposed, state.qk.reshape(length, inner), Store::overwrite);
  gemm(team, in_rows, w.value.transposed, state.v.reshape(length, inner), Store::overwrite);
  if (config.position == PositionKind::rotary) {
    turn_by_position(team, weights.angles(), state.qk, Turn::forth,
                     state.turned.reshape(length, inner));
  }
  state.attended.reshape(rows.size(), inner);
  attention_forward(weights, context, example, layer, rows, state, scratch);

  const MatrixView h = state.h.reshape(rows.size(), config.model_dim);
  gemm(team, scratch.left.of(state.attended, precision, team), w.out.transposed, h,
       Store::overwrite);
  if (config.attention_bias) add_bias(team, w.out_bias, h);
  apply_dropout(team, context, layer, DropoutSite::attention, rows.begin, h);
  add_rows(team, added_to.row_range(rows.begin, rows.end), h);
  if (!pre) normalise(team, w.norm1, config.norm_epsilon, h, state.norm1, state.inverse_std1, h);

  if (pre) {
    normalise(team, w.norm2, config.norm_epsilon, h, state.norm2, state.inverse_std2,
              state.feed_forward_input.reshape(h.rows, h.cols));
  }
  const ConstMatrixView feed_in = pre ? state.feed_forward_input.view() : h;
  const MatrixView hidden = state.hidden.reshape(h.rows, config.feed_forward_dim);
  const MatrixView activated = state.activated.reshape(h.rows, config.feed_forward_dim);
  gemm(team, scratch.left.of(feed_in, precision, team), w.feed_forward_in.transposed, hidden,
       Store::overwrite);
  add_bias(team, w.feed_forward_in_bias, hidden);
  activate(team, config.activation, hidden, activated);
  gemm(team, scratch.left.of(activated, precision, team), w.feed_forward_out.transposed, y,
       Store::overwrite);
  add_bias(team, w.feed_forward_out_bias, y);
  apply_dropout(team, context, layer, DropoutSite::feed_forward, rows.begin, y);
  const bool two_streams = config.residual == Residual::two_streams;
  add_rows(team, two_streams ? state.x.view().row_range(rows.begin, rows.end) : h, y);
  if (!pre) normalise(team, w.norm2, config.norm_epsilon, y, state.norm2, state.inverse_std2, y);
}

void layer_backward(const Weights& weights, const PassContext& context, const Example& example,
                    int64_t layer, QueryRange rows, LayerState& state, MatrixView dy, MatrixView dh,
                    MatrixView dx, LayerScratch& scratch, Gradients& gradients) {
  const Team& team = scratch.team;
  const ModelConfig& config = weights.config();
  const LayerWeights& w = weights.layers()[static_cast<size_t>(layer)];
  LayerGradients& dw = gradients.layers[static_cast<size_t>(layer)];
  const Precision precision = weights.precision();
  const bool pre = config.norm == NormPosition::pre;
  const int64_t length = state.x.rows();
  const int64_t inner = config.heads * config.head_dim;

  // y = [norm2] (h + F(h)), or x + F(h). With one stream, dh is dy: the gradient of h + F(h), then
  // of h. With two, dy stays the gradient of y and so of x, which dx gets at the end.
  if (!pre) {
    normalise_backward(team, w.norm2, state.norm2, state.inverse_std2, dy, dy, dw.norm2);
  }
  // Gradients take the place of what the forward pass left and nobody reads any more: a long
  // sequence is large.
  Matrix& branch = pre ? scratch.dbranch : state.norm2;
  const MatrixView dbranch = branch.reshape(dy.rows, dy.cols);
  copy_rows(team, dy, dbranch);
  apply_dropout(team, context, layer, DropoutSite::feed_forward, rows.begin, dbranch);
  add_weight_gradient(dbranch, scratch.input.of(state.activated, precision, team), precision,
                      dw.feed_forward_out, scratch);
  add_column_sums(team, dbranch, dw.feed_forward_out_bias);
  const MatrixView dhidden = state.activated;
  gemm(team, scratch.doutput.left(), w.feed_forward_out.straight, dhidden, Store::overwrite);
  activate_backward(team, config.activation, state.hidden, dhidden);
  const Matrix& feed_in = pre ? state.feed_forward_input : state.h;
  add_weight_gradient(dhidden, scratch.input.of(feed_in, precision, team), precision,
                      dw.feed_forward_in, scratch);
  add_column_sums(team, dhidden, dw.feed_forward_in_bias);
  if (pre) {
    gemm(team, scratch.doutput.left(), w.feed_forward_in.straight, dbranch, Store::overwrite);
    normalise_backward(team, w.norm2, state.norm2, state.inverse_std2, dbranch, dbranch, dw.norm2);
    add_rows(team, dbranch, dh);
  } else {
    gemm(team, scratch.doutput.left(), w.feed_forward_in.straight, dy, Store::accumulate);
    // h = norm1(x + A(x)); dy becomes the gradient of x + A(x).
    normalise_backward(team, w.norm1, state.norm1, state.inverse_std1, dy, dy, dw.norm1);
  }

  copy_rows(team, dh, dbranch);
  apply_dropout(team, context, layer, DropoutSite::attention, rows.begin, dbranch);
  if (config.attention_bias) add_column_sums(team, dbranch, dw.out_bias);
  add_weight_gradient(dbranch, scratch.input.of(state.attended, precision, team), precision, dw.out,
                      scratch);
  const MatrixView dattended = state.h.reshape(dy.rows, inner);
  const MatrixView dqk = state.hidden.reshape(length, inner);
  const MatrixView dv = state.activated.reshape(length, inner);
  gemm(team, scratch.doutput.left(), w.out.straight, dattended, Store::overwrite);
  clear_rows(team, dqk);
  clear_rows(team, dv);
  attention_backward(weights, context, example, rows, state, dattended, dqk, dv, scratch);
  if (config.position == PositionKind::rotary) {
    turn_by_position(team, weights.angles(), dqk, Turn::back, dqk);
  }
  const ConstMatrixView in = pre ? state.attention_input : state.x;
  const RightView in_columns = scratch.input.of(in, precision, team);
  add_weight_gradient(dqk, in_columns, precision, dw.qk, scratch);
  gemm(team, scratch.doutput.left(), w.qk.straight, dx, Store::overwrite);
  add_weight_gradient(dv, in_columns, precision, dw.value, scratch);
  gemm(team, scratch.doutput.left(), w.value.straight, dx, Store::accumulate);
  if (pre) {
    normalise_backward(team, w.norm1, state.norm1, state.inverse_std1, dx, dx, dw.norm1);
  }
  add_rows(team, dy, dx.row_range(rows.begin, rows.end));
}

}  // namespace reformer
