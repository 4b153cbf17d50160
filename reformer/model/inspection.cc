#include "reformer/model/inspection.h"

#include <algorithm>
#include <cmath>

#include "reformer/base/error.h"
#include "reformer/math/finite.h"
#include "reformer/model/rotations.h"

namespace reformer {
namespace {

HeadInput input_of(const HeadInspection& head) {
  return {head.qk, {}, head.sight.valid, {0, head.qk.rows()}, head.sight.causal};
}

}  // namespace

std::vector<KeyWeight> HeadInspection::full_weights(int64_t query) const {
  return attention_weights(semantics.full, input_of(*this), query,
                           reference::full_candidates(sight, qk.rows(), query));
}

std::vector<KeyWeight> HeadInspection::lsh_weights(int64_t query) const {
  return attention_weights(semantics.lsh, input_of(*this), query,
                           reference::lsh_candidates(semantics, plan, sight, query));
}

std::vector<double> HeadInspection::lengths() const {
  std::vector<double> lengths;
  for (int64_t t = 0; t < qk.rows(); ++t) {
    double squares = 0;
    for (int64_t d = 0; d < qk.cols(); ++d) squares += double{qk.row(t)[d]} * qk.row(t)[d];
    lengths.push_back(std::sqrt(squares));
  }
  return lengths;
}

Inspection::Inspection(const Weights& weights, const PassContext& context, const Example& example)
    : weights_(weights),
      context_(context),
      valid_(example.valid.begin(), example.valid.end()),
      pass_(weights.config()) {
  const AttentionChoice& attention = context.attention;
  check_plan_shape(weights.config().length, attention.hash_rounds, attention.bucket_shape(),
                   attention.chunk_length);
  const ConstMatrixView logits =
      pass_.logits(weights, context, example, {0, weights.config().length});
  for (int64_t t = 0; t < logits.rows; ++t) {
    const std::span<const float> row = logits.row_span(t);
    if (!all_finite(row)) {
      fail("inspect", "expected finite logits, found others at position {}; try another model", t);
    }
    predictions_.push_back(static_cast<int32_t>(std::ranges::max_element(row) - row.begin()));
  }
}

HeadInspection Inspection::head(int64_t layer, int64_t head) const {
  const int64_t dim = weights_.config().head_dim;
  REFORMER_CHECK(0 <= layer && layer < weights_.config().layers);
  REFORMER_CHECK(0 <= head && head < weights_.config().heads);
  const auto of_head = [&](ConstMatrixView all) {
    return all.col_range(head * dim, (head + 1) * dim);
  };
  const ConstMatrixView vectors = of_head(pass_.compared(layer));
  const AttentionChoice& attention = context_.attention;
  HeadInspection result;
  result.semantics = attention.semantics;
  result.sight = {valid_, attention.causal};
  result.qk.reshape(vectors.rows, dim);
  for (int64_t t = 0; t < vectors.rows; ++t) std::copy_n(vectors.row(t), dim, result.qk.row(t));
  Matrix rotations;
  draw_rotations(context_, layer, head, dim, rotations);
  PlanScratch scratch;
  make_plan(of_head(pass_.queries_and_keys(layer)), rotations, attention.hash_rounds,
            attention.bucket_shape(), attention.chunk_length, result.plan, scratch);
  return result;
}

}  // namespace reformer
