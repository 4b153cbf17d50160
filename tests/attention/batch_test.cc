// Attention on whole tensors against the same heads taken one by one, and what it refuses.
#include "reformer/attention/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "reformer/attention/full.h"
#include "reformer/attention/lsh.h"
#include "reformer/base/error.h"
#include "reformer/base/random.h"

namespace reformer::test {
namespace {

constexpr int64_t kBatch = 2, kLength = 48, kHeads = 3, kDim = 5;
constexpr HashSettings kSettings{2, 6, 8};

// A tensor of normal numbers, in memory as [B, H, T, D] where `heads_first`, else without gaps.
struct Tensor {
  explicit Tensor(uint32_t seed, bool heads_first = false)
      : values(static_cast<size_t>(kBatch * kLength * kHeads * kDim)) {
    RandomStream({.seed = seed}).fill_normal(values);
    view = dense_batch(values.data(), kBatch, kLength, kHeads, kDim);
    if (heads_first) {
      view.row_stride = kDim;
      view.head_stride = kLength * kDim;
    }
  }
  std::vector<float> values;
  BatchView view;
};

struct Case {
  Tensor qk{1, true}, v{2}, dout{3}, out{4}, dqk{5, true}, dv{6};
  BatchInput input(bool causal = true) const { return {qk.view, v.view, {}, causal}; }
};

std::vector<float> values_of(ConstMatrixView x) {
  std::vector<float> values;
  for (int64_t r = 0; r < x.rows; ++r) {
    values.insert(values.end(), x.row_span(r).begin(), x.row_span(r).end());
  }
  return values;
}

void expect_equal(const Matrix& expected, const BatchView& actual, int64_t b, int64_t h) {
  EXPECT_EQ(values_of(expected), values_of(actual.head(b, h))) << "sequence " << b << " head " << h;
}

// Forward and backward of one head, by the functions that batch.h is made of.
struct OneHead {
  OneHead(const BatchInput& in, const Case& c, int64_t b, int64_t h)
      : head{in.qk.head(b, h), in.v.head(b, h), {}, {0, kLength}, in.causal},
        d(c.dout.view.head(b, h)) {}

  void full(const LogitRule& rule) {
    full_forward(rule, head, out, totals, work);
    full_backward(rule, head, out, totals, d, dqk, dv, work);
  }
  void lsh(const AttentionSemantics& semantics, const HashPlan& plan) {
    lsh_forward(semantics, plan, head, out, totals, work);
    lsh_backward(semantics, plan, head, out, totals, d, dqk, dv, work);
  }

  HeadInput head;
  ConstMatrixView d;
  Matrix out{kLength, kDim}, dqk{kLength, kDim}, dv{kLength, kDim};
  std::vector<SoftmaxTotal> totals{static_cast<size_t>(kLength)};
  AttentionWorkspace work;
};

TEST(Batch, EqualsItsHeadsOneByOneUnderAnyNumberOfThreads) {
  const AttentionSemantics semantics = semantics_preset("lucidrains");
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    for (const bool causal : {true, false}) {
      Case c;
      const BatchInput in = c.input(causal);
      const auto totals = full_batch_forward(semantics.full, in, c.out.view, pool);
      full_batch_backward(semantics.full, in, {c.out.view, totals, c.dout.view}, c.dqk.view,
                          c.dv.view, pool);
      for (int64_t i = 0; i < kBatch * kHeads; ++i) {
        OneHead one(in, c, i / kHeads, i % kHeads);
        one.full(semantics.full);
        expect_equal(one.out, c.out.view, i / kHeads, i % kHeads);
        expect_equal(one.dqk, c.dqk.view, i / kHeads, i % kHeads);
        expect_equal(one.dv, c.dv.view, i / kHeads, i % kHeads);
      }
      const auto plans = hash_batch(in.qk, semantics, kSettings, 7, pool);
      const auto lsh_totals = lsh_batch_forward(semantics, plans, in, c.out.view, pool);
      lsh_batch_backward(semantics, plans, in, {c.out.view, lsh_totals, c.dout.view}, c.dqk.view,
                         c.dv.view, pool);
      for (int64_t i = 0; i < kBatch * kHeads; ++i) {
        OneHead one(in, c, i / kHeads, i % kHeads);
        one.lsh(semantics, plans[static_cast<size_t>(i)]);
        expect_equal(one.out, c.out.view, i / kHeads, i % kHeads);
        expect_equal(one.dqk, c.dqk.view, i / kHeads, i % kHeads);
        expect_equal(one.dv, c.dv.view, i / kHeads, i % kHeads);
      }
    }
  }
}

// Which heads and sequences hash equal vectors alike is what the semantics say.
TEST(Batch, RotationsVaryAsTheSemanticsSay) {
  Case c;
  ThreadPool pool(1);
  for (auto* stride : {&c.qk.view.batch_stride, &c.qk.view.head_stride}) *stride = 0;
  AttentionSemantics semantics;
  for (const bool per_head : {true, false}) {
    for (const bool per_example : {true, false}) {
      semantics.rotations_per_head = per_head;
      semantics.rotations_per_example = per_example;
      const auto plans = hash_batch(c.qk.view, semantics, kSettings, 1, pool);
      EXPECT_EQ(plans[0].bucket != plans[1].bucket, per_head);
      EXPECT_EQ(plans[0].bucket != plans[kHeads].bucket, per_example);
    }
  }
}

TEST(Batch, GivenRotationsOfEachHead) {
  Case c;
  ThreadPool pool(1);
  const int64_t size = kDim * kSettings.rounds * kSettings.buckets.directions();
  std::vector<float> values(static_cast<size_t>(kBatch * kHeads * size));
  RandomStream({.seed = 9}).fill_normal(values);
  const BatchRotations shared{values.data(), kDim, kSettings.rounds,
                              kSettings.buckets.directions()};
  BatchRotations each = shared;
  each.batch_stride = kHeads * size;
  each.head_stride = size;
  const auto one = hash_batch(c.qk.view, shared, kSettings.chunk_length, pool);
  const auto all = hash_batch(c.qk.view, each, kSettings.chunk_length, pool);
  EXPECT_EQ(one[0].bucket, all[0].bucket);
  for (size_t i = 1; i < all.size(); ++i) {
    HashPlan plan;
    PlanScratch scratch;
    const auto head = static_cast<int64_t>(i);
    make_plan(c.qk.view.head(head / kHeads, head % kHeads), each.head(head / kHeads, head % kHeads),
              kSettings.rounds, kSettings.buckets, kSettings.chunk_length, plan, scratch);
    EXPECT_EQ(plan.bucket, all[i].bucket);
    EXPECT_NE(one[i].bucket, all[i].bucket);
  }
}

template <class Call>
std::string mistake(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no mistake";
}

TEST(Batch, RefusesWhatItCannotAttendTo) {
  using testing::HasSubstr;
  ThreadPool pool(1);
  Case c;
  const LogitRule rule;
  auto attend = [&](const BatchInput& in) {
    return mistake([&] { full_batch_forward(rule, in, c.out.view, pool); });
  };
  EXPECT_THAT(attend(c.input()), "no mistake");
  BatchInput in = c.input();
  in.v.heads = 2;
  EXPECT_THAT(attend(in),
              HasSubstr("[v] expected the shape of qk, [2, 48, 3, 5], found [2, 48, 2"));
  in = c.input();
  in.qk.length = 0;
  EXPECT_THAT(attend(in), HasSubstr("at least one element"));
  const std::vector<uint8_t> valid(7, 1);
  in = c.input();
  in.valid = valid;
  EXPECT_THAT(attend(in), HasSubstr("[valid] expected one value for each of 2 x 48 tokens"));

  c.v.view.head(1, 2).row(47)[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(attend(c.input()),
              HasSubstr("[v] expected finite numbers, found nan at [1, 47, 2, 4]"));
  c.v.view.head(1, 2).row(47)[4] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(attend(c.input()), HasSubstr("found inf at [1, 47, 2, 4]"));
  c.v.view.head(1, 2).row(47)[4] = 0;
  c.qk.view.head(0, 0).row(3)[0] = 3e38F;
  c.qk.view.head(0, 0).row(3)[1] = 3e38F;
  EXPECT_THAT(mistake([&] {
                full_batch_forward(semantics_preset("paper").full, c.input(), c.out.view, pool);
              }),
              HasSubstr("[output] expected finite numbers"));
}

TEST(Batch, RefusesHashSettingsThatDoNotFit) {
  using testing::HasSubstr;
  ThreadPool pool(1);
  Case c;
  auto hash = [&](const HashSettings& settings) {
    return mistake([&] { hash_batch(c.qk.view, {}, settings, 1, pool); });
  };
  EXPECT_THAT(hash(kSettings), "no mistake");
  EXPECT_THAT(hash({0, 6, 8}), HasSubstr("1 to 64 hash rounds"));
  EXPECT_THAT(hash({INT64_MAX, 6, 8}), HasSubstr("1 to 64 hash rounds"));
  EXPECT_THAT(hash({2, 5, 8}), HasSubstr("even number of buckets"));
  EXPECT_THAT(hash({2, INT64_MAX - 1, 8}), HasSubstr("[buckets] expected rotations of at most"));
  EXPECT_THAT(hash({2, 6, 7}), HasSubstr("divides the sequence length"));
  EXPECT_THAT(hash({2, 6, 0}), HasSubstr("divides the sequence length"));
  EXPECT_THAT(mistake([&] {
                lsh_batch_forward({}, std::vector<HashPlan>(6), c.input(), c.out.view, pool);
              }),
              HasSubstr("[plan] expected the plan of a tensor"));
}

}  // namespace
}  // namespace reformer::test
