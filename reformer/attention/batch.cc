#include "reformer/attention/batch.h"

#include <algorithm>
#include <cmath>

#include "reformer/attention/full.h"
#include "reformer/attention/lsh.h"
#include "reformer/attention/rotations.h"
#include "reformer/attention/workspace.h"
#include "reformer/base/error.h"
#include "reformer/math/finite.h"

namespace reformer {
namespace {

constexpr int64_t kMaxLength = 1 << 24;
constexpr int64_t kMaxBuckets = 1 << 20;
constexpr int64_t kMaxRotation = 1 << 28;  // numbers of one head: 1 GiB

std::string shape_text(const ConstBatchView& x) {
  return fmt::format("[{}, {}, {}, {}]", x.batch, x.length, x.heads, x.head_dim);
}

void check_same_shape(const ConstBatchView& x, const ConstBatchView& like, std::string_view where) {
  if (x.batch != like.batch || x.length != like.length || x.heads != like.heads ||
      x.head_dim != like.head_dim) {
    fail(where, "expected the shape of qk, {}, found {}; try equal shapes [B, T, H, D]",
         shape_text(like), shape_text(x));
  }
}

void check_shape(const ConstBatchView& x, std::string_view where) {
  if (x.batch < 1 || x.length < 1 || x.heads < 1 || x.head_dim < 1) {
    fail(where, "expected at least one element in each dimension of [B, T, H, D], found {}",
         shape_text(x));
  }
  if (x.length > kMaxLength) {
    fail(where, "expected at most {} tokens, found {}; try shorter sequences", kMaxLength,
         x.length);
  }
}

void check_hash_settings(const ConstBatchView& qk, const HashSettings& settings) {
  check_shape(qk, "qk");
  check_plan_shape(qk.length, settings.rounds, settings.buckets, settings.chunk_length);
  if (settings.buckets.count > kMaxBuckets ||
      settings.buckets.directions() > kMaxRotation / settings.rounds / qk.head_dim) {
    fail("buckets",
         "expected rotations of at most {} numbers and {} buckets, found {} buckets in "
         "{} rounds for heads of width {}; try fewer buckets",
         kMaxRotation, kMaxBuckets, settings.buckets.count, settings.rounds, qk.head_dim);
  }
}

// Calls body(b, h, index, worker) for each head of each sequence.
template <class Body>
void for_each_head(const ConstBatchView& x, ThreadPool& pool, const Body& body) {
  pool.run(x.batch * x.heads, [&](int64_t index, int worker) {
    body(index / x.heads, index % x.heads, static_cast<size_t>(index), static_cast<size_t>(worker));
  });
}

HeadInput head_of(const BatchInput& in, int64_t b, int64_t h) {
  const auto length = static_cast<size_t>(in.qk.length);
  std::span<const uint8_t> valid = in.valid;
  if (!valid.empty()) valid = valid.subspan(static_cast<size_t>(b) * length, length);
  return {in.qk.head(b, h), in.v.head(b, h), valid, {0, in.qk.length}, in.causal};
}

// The T totals of one head.
template <class Total>
std::span<Total> totals_of(std::span<Total> totals, size_t head, int64_t length) {
  return totals.subspan(head * static_cast<size_t>(length), static_cast<size_t>(length));
}

void fill_zero(MatrixView x) {
  for (int64_t r = 0; r < x.rows; ++r) std::ranges::fill(x.row_span(r), 0.0F);
}

struct HashScratch {
  Matrix rotations;
  PlanScratch plan;
};

template <class Rotations>
std::vector<HashPlan> hash_heads(const ConstBatchView& qk, const HashSettings& settings,
                                 ThreadPool& pool, const Rotations& rotations_of) {
  check_hash_settings(qk, settings);
  check_finite(qk, "qk");
  std::vector<HashPlan> plans(static_cast<size_t>(qk.batch * qk.heads));
  std::vector<HashScratch> scratch(static_cast<size_t>(pool.size()));
  for_each_head(qk, pool, [&](int64_t b, int64_t h, size_t index, size_t worker) {
    HashScratch& mine = scratch[worker];
    make_plan(qk.head(b, h), rotations_of(b, h, mine.rotations), settings.rounds, settings.buckets,
              settings.chunk_length, plans[index], mine.plan);
  });
  return plans;
}

template <class Forward>
std::vector<SoftmaxTotal> forward(const BatchInput& in, const BatchView& out, ThreadPool& pool,
                                  const Forward& head_forward) {
  check_batch(in);
  check_same_shape(out, in.qk, "out");
  std::vector<SoftmaxTotal> totals(static_cast<size_t>(in.qk.batch * in.qk.heads * in.qk.length));
  std::vector<AttentionWorkspace> work(static_cast<size_t>(pool.size()));
  for_each_head(in.qk, pool, [&](int64_t b, int64_t h, size_t index, size_t worker) {
    head_forward(index, head_of(in, b, h), out.head(b, h),
                 totals_of(std::span(totals), index, in.qk.length), work[worker]);
  });
  check_finite(out, "output");
  return totals;
}

template <class Backward>
void backward(const BatchInput& in, const BatchOutput& output, const BatchView& dqk,
              const BatchView& dv, ThreadPool& pool, const Backward& head_backward) {
  check_batch(in);
  check_same_shape(output.out, in.qk, "out");
  check_same_shape(output.dout, in.qk, "dout");
  check_same_shape(dqk, in.qk, "dqk");
  check_same_shape(dv, in.qk, "dv");
  REFORMER_CHECK(static_cast<int64_t>(output.totals.size()) ==
                 in.qk.batch * in.qk.heads * in.qk.length);
  check_finite(output.out, "out");
  check_finite(output.dout, "dout");
  std::vector<AttentionWorkspace> work(static_cast<size_t>(pool.size()));
  for_each_head(in.qk, pool, [&](int64_t b, int64_t h, size_t index, size_t worker) {
    fill_zero(dqk.head(b, h));
    fill_zero(dv.head(b, h));
    head_backward(index, head_of(in, b, h), output.out.head(b, h),
                  totals_of(output.totals, index, in.qk.length), output.dout.head(b, h),
                  dqk.head(b, h), dv.head(b, h), work[worker]);
  });
  check_finite(dqk, "gradient of qk");
  check_finite(dv, "gradient of v");
}

void check_plans(std::span<const HashPlan> plans, const ConstBatchView& qk) {
  bool fit = static_cast<int64_t>(plans.size()) == qk.batch * qk.heads;
  for (const HashPlan& plan : plans) fit = fit && plan.length == qk.length;
  if (!fit) {
    fail("plan",
         "expected the plan of a tensor {}, found another; try the one of this forward call",
         shape_text(qk));
  }
}

}  // namespace

void check_finite(const ConstBatchView& x, std::string_view where) {
  for (int64_t b = 0; b < x.batch; ++b) {
    for (int64_t h = 0; h < x.heads; ++h) {
      const ConstMatrixView rows = x.head(b, h);
      for (int64_t t = 0; t < rows.rows; ++t) {
        const std::span<const float> row = rows.row_span(t);
        if (all_finite(row)) continue;
        const auto bad = std::ranges::find_if_not(row, [](float f) { return std::isfinite(f); });
        fail(where, "expected finite numbers, found {} at [{}, {}, {}, {}]; try smaller values",
             *bad, b, t, h, bad - row.begin());
      }
    }
  }
}

void check_batch_shapes(const BatchInput& in) {
  check_shape(in.qk, "qk");
  check_same_shape(in.v, in.qk, "v");
  if (!in.valid.empty() && static_cast<int64_t>(in.valid.size()) != in.qk.batch * in.qk.length) {
    fail("valid", "expected one value for each of {} x {} tokens, found {}", in.qk.batch,
         in.qk.length, in.valid.size());
  }
}

void check_batch(const BatchInput& in) {
  check_batch_shapes(in);
  check_finite(in.qk, "qk");
  check_finite(in.v, "v");
}

std::vector<HashPlan> hash_batch(const ConstBatchView& qk, const BatchRotations& rotations,
                                 int64_t chunk_length, ThreadPool& pool) {
  if (rotations.head_dim != qk.head_dim) {
    fail("rotations", "expected vectors of the width of a head, {}, found {}", qk.head_dim,
         rotations.head_dim);
  }
  const HashSettings settings{rotations.rounds, 2 * rotations.half_buckets, chunk_length};
  check_hash_settings(qk, settings);
  const int64_t sets = rotations.batch_stride == 0 ? 1 : qk.batch;
  const int64_t sets_of_heads = rotations.head_stride == 0 ? 1 : qk.heads;
  check_finite({rotations.data, sets, rotations.head_dim, sets_of_heads,
                rotations.rounds * rotations.half_buckets, rotations.batch_stride,
                rotations.rounds * rotations.half_buckets, rotations.head_stride},
               "rotations");
  return hash_heads(qk, settings, pool,
                    [&](int64_t b, int64_t h, Matrix&) { return rotations.head(b, h); });
}

std::vector<HashPlan> hash_batch(const ConstBatchView& qk, const AttentionSemantics& semantics,
                                 const HashSettings& settings, uint64_t seed, ThreadPool& pool) {
  return hash_heads(qk, settings, pool, [&](int64_t b, int64_t h, Matrix& rotations) {
    fill_rotations({.seed = seed,
                    .purpose = Purpose::rotations,
                    .head = semantics.rotations_per_head ? static_cast<uint32_t>(h) : 0,
                    .example = semantics.rotations_per_example ? static_cast<uint32_t>(b) : 0},
                   qk.head_dim, settings.rounds, settings.buckets, rotations);
    return ConstMatrixView(rotations);
  });
}

std::vector<SoftmaxTotal> full_batch_forward(const LogitRule& rule, const BatchInput& in,
                                             const BatchView& out, ThreadPool& pool) {
  return forward(in, out, pool,
                 [&](size_t, const HeadInput& head, MatrixView to, auto totals,
                     AttentionWorkspace& work) { full_forward(rule, head, to, totals, work); });
}

std::vector<SoftmaxTotal> lsh_batch_forward(const AttentionSemantics& semantics,
                                            std::span<const HashPlan> plans, const BatchInput& in,
                                            const BatchView& out, ThreadPool& pool) {
  check_plans(plans, in.qk);
  return forward(in, out, pool,
                 [&](size_t index, const HeadInput& head, MatrixView to, auto totals,
                     AttentionWorkspace& work) {
                   lsh_forward(semantics, plans[index], head, to, totals, work);
                 });
}

void full_batch_backward(const LogitRule& rule, const BatchInput& in, const BatchOutput& output,
                         const BatchView& dqk, const BatchView& dv, ThreadPool& pool) {
  backward(in, output, dqk, dv, pool,
           [&](size_t, const HeadInput& head, ConstMatrixView out, auto totals,
               ConstMatrixView dout, MatrixView to_qk, MatrixView to_v, AttentionWorkspace& work) {
             full_backward(rule, head, out, totals, dout, to_qk, to_v, work);
           });
}

void lsh_batch_backward(const AttentionSemantics& semantics, std::span<const HashPlan> plans,
                        const BatchInput& in, const BatchOutput& output, const BatchView& dqk,
                        const BatchView& dv, ThreadPool& pool) {
  check_plans(plans, in.qk);
  backward(in, output, dqk, dv, pool,
           [&](size_t index, const HeadInput& head, ConstMatrixView out, auto totals,
               ConstMatrixView dout, MatrixView to_qk, MatrixView to_v, AttentionWorkspace& work) {
             lsh_backward(semantics, plans[index], head, out, totals, dout, to_qk, to_v, work);
           });
}

}  // namespace reformer
