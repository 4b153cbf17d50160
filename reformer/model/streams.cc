#include "reformer/model/streams.h"

#include "reformer/math/rows.h"
#include "reformer/model/team_kernels.h"

namespace reformer {

void merge_streams(const Team& team, StreamMerge merge, ConstMatrixView g, ConstMatrixView x,
                   MatrixView end) {
  if (merge == StreamMerge::concatenate) {
    copy_rows(team, g, end.col_range(0, g.cols));
    copy_rows(team, x, end.col_range(g.cols, end.cols));
    return;
  }
  split_rows(team, end.rows, [&](int64_t begin, int64_t stop) {
    for (int64_t r = begin; r < stop; ++r) {
      row_scale(end.row(r), g.row(r), 0.5F, end.cols);
      row_add_scaled(end.row(r), x.row(r), 0.5F, end.cols);
    }
  });
}

void merge_streams_backward(const Team& team, StreamMerge merge, ConstMatrixView dend,
                            MatrixView dg, MatrixView dx) {
  if (merge == StreamMerge::concatenate) {
    copy_rows(team, dend.col_range(0, dg.cols), dg);
    copy_rows(team, dend.col_range(dg.cols, dend.cols), dx);
    return;
  }
  split_rows(team, dend.rows, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      row_scale(dg.row(r), dend.row(r), 0.5F, dend.cols);
      row_scale(dx.row(r), dend.row(r), 0.5F, dend.cols);
    }
  });
}

}  // namespace reformer
