#include "reformer/model/layer.h"

#include "reformer/attention/lsh.h"
#include "reformer/math/activation.h"
#include "reformer/math/gemm.h"
#include "reformer/math/layer_norm.h"
#include "reformer/math/rows.h"
#include "reformer/model/dropout.h"
#include "reformer/model/rotations.h"

namespace reformer {
namespace {

void add_rows(ConstMatrixView from, MatrixView to) {
  for (int64_t r = 0; r < to.rows; ++r) row_add_scaled(to.row(r), from.row(r), 1, to.cols);
}

void add_bias(std::span<const float> bias, MatrixView x) {
  for (int64_t r = 0; r < x.rows; ++r) row_add_scaled(x.row(r), bias.data(), 1, x.cols);
}

void add_column_sums(ConstMatrixView x, std::span<float> sums) {
  for (int64_t r = 0; r < x.rows; ++r) row_add_scaled(sums.data(), x.row(r), 1, x.cols);
}

void normalise(const NormWeights& weights, double epsilon, ConstMatrixView x, Matrix& normal,
               std::vector<float>& inverse_std, MatrixView y) {
  inverse_std.resize(static_cast<size_t>(x.rows));
  layer_norm_forward(x, weights.gain, weights.bias, static_cast<float>(epsilon),
                     normal.reshape(x.rows, x.cols), inverse_std, y);
}

// One head's slice of a [*, H D] matrix.
template <class View>
View head_columns(View all, int64_t head, int64_t head_dim) {
  return all.col_range(head * head_dim, (head + 1) * head_dim);
}

HeadInput head_input(const PassContext& context, const Example& example, const LayerState& state,
                     QueryRange rows, int64_t head, int64_t head_dim) {
  return {head_columns(state.qk.view(), head, head_dim),
          head_columns(state.v.view(), head, head_dim), example.valid, rows,
          context.attention.causal};
}

void attention_forward(const Weights& weights, const PassContext& context, const Example& example,
                       int64_t layer, QueryRange rows, LayerState& state, LayerScratch& scratch) {
  const ModelConfig& config = weights.config();
  const AttentionChoice& attention = context.attention;
  state.totals.resize(static_cast<size_t>(config.heads * rows.size()));
  state.plans.resize(static_cast<size_t>(config.heads));
  for (int64_t head = 0; head < config.heads; ++head) {
    const HeadInput in = head_input(context, example, state, rows, head, config.head_dim);
    const MatrixView out = head_columns(state.attended.view(), head, config.head_dim);
    const std::span<SoftmaxTotal> totals =
        std::span(state.totals)
            .subspan(static_cast<size_t>(head * rows.size()), static_cast<size_t>(rows.size()));
    if (attention.kind == AttentionKind::full) {
      full_forward(attention.semantics.full, in, out, totals, scratch.attention);
      continue;
    }
    HashPlan& plan = state.plans[static_cast<size_t>(head)];
    draw_rotations(context, layer, head, config.head_dim, scratch.rotations);
    make_plan(in.qk, scratch.rotations, attention.hash_rounds, attention.bucket_shape(),
              attention.chunk_length, plan, scratch.plan);
    lsh_forward(attention.semantics, plan, in, out, totals, scratch.attention);
  }
}

void attention_backward(const Weights& weights, const PassContext& context, const Example& example,
                        QueryRange rows, const LayerState& state, LayerScratch& scratch) {
  const ModelConfig& config = weights.config();
  const AttentionChoice& attention = context.attention;
  for (int64_t head = 0; head < config.heads; ++head) {
    const HeadInput in = head_input(context, example, state, rows, head, config.head_dim);
    const ConstMatrixView out = head_columns(state.attended.view(), head, config.head_dim);
    const ConstMatrixView dout =
        head_columns(ConstMatrixView(scratch.dattended), head, config.head_dim);
    const std::span<const SoftmaxTotal> totals =
        std::span(state.totals)
            .subspan(static_cast<size_t>(head * rows.size()), static_cast<size_t>(rows.size()));
    const MatrixView dqk = head_columns(scratch.dqk.view(), head, config.head_dim);
    const MatrixView dv = head_columns(scratch.dv.view(), head, config.head_dim);
    if (attention.kind == AttentionKind::full) {
      full_backward(attention.semantics.full, in, out, totals, dout, dqk, dv, scratch.attention);
    } else {
      lsh_backward(attention.semantics, state.plans[static_cast<size_t>(head)], in, out, totals,
                   dout, dqk, dv, scratch.attention);
    }
  }
}

void activate(Activation kind, ConstMatrixView x, MatrixView y) {
  for (int64_t r = 0; r < x.rows; ++r) {
    if (kind == Activation::gelu) {
      gelu_forward(x.row(r), y.row(r), x.cols);
    } else {
      relu_forward(x.row(r), y.row(r), x.cols);
    }
  }
}

void activate_backward(Activation kind, ConstMatrixView x, MatrixView dy) {
  for (int64_t r = 0; r < x.rows; ++r) {
    if (kind == Activation::gelu) {
      gelu_backward(x.row(r), dy.row(r), dy.row(r), x.cols);
    } else {
      relu_backward(x.row(r), dy.row(r), dy.row(r), x.cols);
    }
  }
}

}  // namespace

void layer_forward(const Weights& weights, const PassContext& context, const Example& example,
                   int64_t layer, QueryRange rows, LayerState& state, MatrixView y,
                   LayerScratch& scratch) {
  const ModelConfig& config = weights.config();
  const LayerWeights& w = weights.layers()[static_cast<size_t>(layer)];
  const bool pre = config.norm == NormPosition::pre;
  const int64_t length = state.x.rows();
  const int64_t inner = config.heads * config.head_dim;

  if (pre) {
    normalise(w.norm1, config.norm_epsilon, state.x, state.norm1, state.inverse_std1,
              state.attention_input.reshape(length, config.model_dim));
  }
  const ConstMatrixView in = pre ? state.attention_input : state.x;
  gemm(in, w.qk.transposed, state.qk.reshape(length, inner), Store::overwrite);
  gemm(in, w.value.transposed, state.v.reshape(length, inner), Store::overwrite);
  state.attended.reshape(rows.size(), inner);
  attention_forward(weights, context, example, layer, rows, state, scratch);

  const MatrixView h = state.h.reshape(rows.size(), config.model_dim);
  gemm(state.attended, w.out.transposed, h, Store::overwrite);
  apply_dropout(context, layer, DropoutSite::attention, rows.begin, h);
  add_rows(state.x.view().row_range(rows.begin, rows.end), h);
  if (!pre) normalise(w.norm1, config.norm_epsilon, h, state.norm1, state.inverse_std1, h);

  if (pre) {
    normalise(w.norm2, config.norm_epsilon, h, state.norm2, state.inverse_std2,
              state.feed_forward_input.reshape(h.rows, h.cols));
  }
  const ConstMatrixView feed_in = pre ? state.feed_forward_input.view() : h;
  const MatrixView hidden = state.hidden.reshape(h.rows, config.feed_forward_dim);
  const MatrixView activated = state.activated.reshape(h.rows, config.feed_forward_dim);
  gemm(feed_in, w.feed_forward_in.transposed, hidden, Store::overwrite);
  add_bias(w.feed_forward_in_bias, hidden);
  activate(config.activation, hidden, activated);
  gemm(activated, w.feed_forward_out.transposed, y, Store::overwrite);
  add_bias(w.feed_forward_out_bias, y);
  apply_dropout(context, layer, DropoutSite::feed_forward, rows.begin, y);
  add_rows(h, y);
  if (!pre) normalise(w.norm2, config.norm_epsilon, y, state.norm2, state.inverse_std2, y);
}

void layer_backward(const Weights& weights, const PassContext& context, const Example& example,
                    int64_t layer, QueryRange rows, LayerState& state, MatrixView dy, MatrixView dx,
                    LayerScratch& scratch, Gradients& gradients) {
  const ModelConfig& config = weights.config();
  const LayerWeights& w = weights.layers()[static_cast<size_t>(layer)];
  LayerGradients& dw = gradients.layers[static_cast<size_t>(layer)];
  const bool pre = config.norm == NormPosition::pre;
  const int64_t length = state.x.rows();
  const int64_t inner = config.heads * config.head_dim;

  // y = [norm2] (h + F(h)); from here on dy is the gradient of h + F(h), then of h.
  if (!pre) {
    layer_norm_backward(dy, state.norm2, state.inverse_std2, w.norm2.gain, dy, dw.norm2.gain,
                        dw.norm2.bias);
  }
  const MatrixView dbranch = scratch.dbranch.reshape(dy.rows, dy.cols);
  for (int64_t r = 0; r < dy.rows; ++r) row_scale(dbranch.row(r), dy.row(r), 1, dy.cols);
  apply_dropout(context, layer, DropoutSite::feed_forward, rows.begin, dbranch);
  const MatrixView dhidden = scratch.dhidden.reshape(dy.rows, config.feed_forward_dim);
  gemm_at(dbranch, state.activated, dw.feed_forward_out, Store::accumulate);
  add_column_sums(dbranch, dw.feed_forward_out_bias);
  gemm(dbranch, w.feed_forward_out.straight, dhidden, Store::overwrite);
  activate_backward(config.activation, state.hidden, dhidden);
  gemm_at(dhidden, pre ? state.feed_forward_input : state.h, dw.feed_forward_in, Store::accumulate);
  add_column_sums(dhidden, dw.feed_forward_in_bias);
  if (pre) {
    gemm(dhidden, w.feed_forward_in.straight, dbranch, Store::overwrite);
    layer_norm_backward(dbranch, state.norm2, state.inverse_std2, w.norm2.gain, dbranch,
                        dw.norm2.gain, dw.norm2.bias);
    add_rows(dbranch, dy);
  } else {
    gemm(dhidden, w.feed_forward_in.straight, dy, Store::accumulate);
    // h = norm1(x + A(x)); dy becomes the gradient of x + A(x).
    layer_norm_backward(dy, state.norm1, state.inverse_std1, w.norm1.gain, dy, dw.norm1.gain,
                        dw.norm1.bias);
  }

  for (int64_t r = 0; r < dy.rows; ++r) row_scale(dbranch.row(r), dy.row(r), 1, dy.cols);
  apply_dropout(context, layer, DropoutSite::attention, rows.begin, dbranch);
  gemm_at(dbranch, state.attended, dw.out, Store::accumulate);
  gemm(dbranch, w.out.straight, scratch.dattended.reshape(dy.rows, inner), Store::overwrite);
  scratch.dqk.reshape(length, inner);
  scratch.dqk.fill(0);
  scratch.dv.reshape(length, inner);
  scratch.dv.fill(0);
  attention_backward(weights, context, example, rows, state, scratch);
  const ConstMatrixView in = pre ? state.attention_input : state.x;
  gemm_at(scratch.dqk, in, dw.qk, Store::accumulate);
  gemm_at(scratch.dv, in, dw.value, Store::accumulate);
  gemm(scratch.dqk, w.qk.straight, dx, Store::overwrite);
  gemm(scratch.dv, w.value.straight, dx, Store::accumulate);
  if (pre) {
    layer_norm_backward(dx, state.norm1, state.inverse_std1, w.norm1.gain, dx, dw.norm1.gain,
                        dw.norm1.bias);
  }
  add_rows(dy, dx.row_range(rows.begin, rows.end));
}

}  // namespace reformer
