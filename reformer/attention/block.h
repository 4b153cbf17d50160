// Attention of a block of queries over a window of keys: the piece that full and LSH attention
// share. Which keys of the window a query may see, and how its logits are altered, comes from a
// `Rows` object:
//
//   RowWindow window(int64_t i);                            keys [begin, end) of query i, and its
//   own void adjust(int64_t i, const RowWindow& w, float* s);  applies the logit rule to
//   s[begin..end) const float* weight(int64_t i, const RowWindow& w);     factor of each e^logit,
//   or null for 1 void freeze(int64_t i, const RowWindow& w, float* ds);  zeroes the gradient of
//   replaced logits
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "reformer/math/gemm.h"
#include "reformer/math/matrix.h"
#include "reformer/math/rows.h"

namespace reformer {

// Keys [begin, end) of a window outside of which one query sees nothing; `own` is the place of
// itself. Unless all of them are visible, the rule decides key by key.
struct RowWindow {
  int64_t begin, end, own;
  bool all_visible = true;
};

struct BlockScratch {
  Matrix logits, dlogits;
};

namespace internal {

// Columns that any query of a group sees, widened to whole vectors.
struct ColumnRange {
  int64_t begin, end;
};

constexpr int64_t kMaxGroup = 64;

template <class Rows>
ColumnRange group_columns(Rows& rows, int64_t first, int64_t count, int64_t keys,
                          RowWindow* windows) {
  ColumnRange range{keys, 0};
  for (int64_t i = 0; i < count; ++i) {
    windows[i] = rows.window(first + i);
    range.begin = std::min(range.begin, windows[i].begin);
    range.end = std::max(range.end, windows[i].end);
  }
  return {range.begin / 16 * 16, std::min(keys, (range.end + 15) / 16 * 16)};
}

// Logits of a group after the rule, and zero where a query sees nothing.
template <class Rows>
void group_logits(Rows& rows, int64_t first, ColumnRange columns, const RowWindow* windows,
                  ConstMatrixView q, ConstMatrixView key_t, MatrixView logits) {
  gemm(q, key_t.col_range(columns.begin, columns.end), logits, Store::overwrite);
  for (int64_t i = 0; i < q.rows; ++i) {
    float* s = logits.row(i) - columns.begin;
    std::fill(s + columns.begin, s + windows[i].begin, 0.0F);
    std::fill(s + windows[i].end, s + columns.end, 0.0F);
    rows.adjust(first + i, windows[i], s);
  }
}

}  // namespace internal

// q: [M, D], already multiplied by the logit factor   key_t: [D, n]   v: [n, D]
// out: [M, D]   lse: [M], log of the sum of e^logit.  Groups of `group` queries share a product.
template <class Rows>
void block_forward(Rows& rows, int64_t group, ConstMatrixView q, ConstMatrixView key_t,
                   ConstMatrixView v, MatrixView out, float* lse, BlockScratch& scratch) {
  RowWindow windows[internal::kMaxGroup];
  for (int64_t first = 0; first < q.rows; first += group) {
    const int64_t last = std::min(q.rows, first + group);
    const auto columns = internal::group_columns(rows, first, last - first, key_t.cols, windows);
    const MatrixView p = scratch.logits.reshape(last - first, columns.end - columns.begin);
    internal::group_logits(rows, first, columns, windows, q.row_range(first, last), key_t, p);
    float inverse_sum[internal::kMaxGroup];
    for (int64_t i = 0; i < last - first; ++i) {
      const RowWindow& w = windows[i];
      float* s = p.row(i) - columns.begin + w.begin;
      const float most = row_max(s, w.end - w.begin);
      const float sum = row_exp(s, most, rows.weight(first + i, w), w.end - w.begin);
      inverse_sum[i] = 1 / sum;
      lse[first + i] = most + std::log(sum);
    }
    const MatrixView group_out = out.row_range(first, last);
    gemm(p, v.row_range(columns.begin, columns.end), group_out, Store::overwrite);
    for (int64_t i = 0; i < last - first; ++i) {
      row_scale(group_out.row(i), group_out.row(i), inverse_sum[i], out.cols);
    }
  }
}

// Gradients for the softmax over everything that the queries saw: `lse` and `delta` = out . dout
// are those of the final output, so that rounds of LSH attention need no further combination. keys:
// [n, D]   v_t: [D, n]   dout, dq: [M, D]   dkeys, dv: [n, D].  dq is overwritten, dkeys and dv are
// added to.
template <class Rows>
void block_backward(Rows& rows, int64_t group, ConstMatrixView q, ConstMatrixView key_t,
                    ConstMatrixView keys, ConstMatrixView v_t, ConstMatrixView dout,
                    const float* lse, const float* delta, MatrixView dq, MatrixView dkeys,
                    MatrixView dv, BlockScratch& scratch) {
  RowWindow windows[internal::kMaxGroup];
  for (int64_t first = 0; first < q.rows; first += group) {
    const int64_t last = std::min(q.rows, first + group);
    const auto columns = internal::group_columns(rows, first, last - first, key_t.cols, windows);
    const int64_t width = columns.end - columns.begin;
    const MatrixView p = scratch.logits.reshape(last - first, width);
    const MatrixView dp = scratch.dlogits.reshape(last - first, width);
    const ConstMatrixView group_q = q.row_range(first, last);
    const ConstMatrixView group_dout = dout.row_range(first, last);
    internal::group_logits(rows, first, columns, windows, group_q, key_t, p);
    for (int64_t i = 0; i < last - first; ++i) {
      const RowWindow& w = windows[i];
      row_exp(p.row(i) - columns.begin + w.begin, lse[first + i], rows.weight(first + i, w),
              w.end - w.begin);
    }
    gemm_at(p, group_dout, dv.row_range(columns.begin, columns.end), Store::accumulate);
    gemm(group_dout, v_t.col_range(columns.begin, columns.end), dp, Store::overwrite);
    for (int64_t i = 0; i < last - first; ++i) {
      row_softmax_backward(p.row(i), dp.row(i), delta[first + i], width);
      rows.freeze(first + i, windows[i], p.row(i) - columns.begin);
    }
    gemm(p, keys.row_range(columns.begin, columns.end), dq.row_range(first, last),
         Store::overwrite);
    gemm_at(p, group_q, dkeys.row_range(columns.begin, columns.end), Store::accumulate);
  }
}

}  // namespace reformer
