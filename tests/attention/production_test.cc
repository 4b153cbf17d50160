// The production kernels (float, SIMD, row ranges) against the reference (double, plain), forward
// and backward, on every instruction set that this machine has.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reformer/math/target.h"
#include "tests/attention/head_case.h"

namespace reformer::test {
namespace {

class OnTarget : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    for (const std::string& name : available_targets()) {
      if (name == GetParam()) return force_target(name);
    }
    GTEST_SKIP() << "this machine has no " << GetParam();
  }
  void TearDown() override { force_target(""); }
};

INSTANTIATE_TEST_SUITE_P(Targets, OnTarget,
                         testing::Values("AVX3", "AVX2", "SSE4", "NEON", "SCALAR"),
                         [](const auto& info) { return info.param; });

// Both widths of heads and precisions, causal or not, with padding or not, all rows or the second
// half.
std::vector<HeadCase> cases(uint64_t seed, int64_t length) {
  std::vector<HeadCase> result;
  for (const int64_t dim : {5, 64}) {
    for (const bool causal : {true, false}) {
      for (const bool padded : {false, true}) {
        for (const int64_t begin : {int64_t{0}, length / 2}) {
          result.push_back(random_case(seed++, length, dim, {begin, length}, causal, padded));
          result.push_back(in_bf16(result.back()));
        }
      }
    }
  }
  return result;
}

TEST_P(OnTarget, FullEqualsReference) {
  for (const std::string& name : semantics_names()) {
    const LogitRule rule = semantics_preset(name).full;
    for (const HeadCase& c : cases(10, 53)) {
      compare(name + " " + describe(c, nullptr), run_full(rule, c), expect_full(rule, c));
    }
  }
}

// Chunks and buckets are independent of each other; R is 1, 2, 4 and 8.
TEST_P(OnTarget, LshEqualsReference) {
  const HashPlan plans[] = {
      hashed_plan(1, 48, 1, 6, 8),       hashed_plan(2, 48, 2, 2, 4),
      hashed_plan(3, 48, 4, 16, 16),     overflowing_plan(4, 48, 1, 4, 6),
      overflowing_plan(5, 48, 2, 6, 16), overflowing_plan(6, 48, 8, 8, 3),
  };
  for (const std::string& name : semantics_names()) {
    const AttentionSemantics semantics = semantics_preset(name);
    for (const HashPlan& plan : plans) {
      for (const HeadCase& c : cases(20, plan.length)) {
        compare(name + " " + describe(c, &plan), run_lsh(semantics, plan, c),
                expect_lsh(semantics, plan, c));
      }
    }
  }
}

TEST_P(OnTarget, ShapesWithoutRoundNumbers) {
  const HashPlan plans[] = {
      hashed_plan(7, 35, 2, 10, 5),    hashed_plan(8, 35, 3, 4, 1), hashed_plan(9, 34, 1, 4, 17),
      overflowing_plan(9, 1, 2, 2, 1), hashed_plan(10, 2, 1, 2, 1), hashed_plan(11, 2, 3, 2, 2),
      hashed_plan(12, 150, 2, 4, 75),
  };
  for (const HashPlan& plan : plans) {
    for (const std::string& name : semantics_names()) {
      const AttentionSemantics semantics = semantics_preset(name);
      for (const int64_t dim : {1, 17}) {
        const HeadCase fp32 = random_case(30, plan.length, dim, {0, plan.length}, true, false);
        for (const HeadCase& c : {fp32, in_bf16(fp32)}) {
          compare(name + " " + describe(c, &plan), run_lsh(semantics, plan, c),
                  expect_lsh(semantics, plan, c));
          compare(name + " " + describe(c, nullptr), run_full(semantics.full, c),
                  expect_full(semantics.full, c));
        }
      }
    }
  }
}

// A long sequence is cut into smaller blocks, whose rows are asked for ahead: here the first blocks
// of a round have few rows that are wanted, and some have none.
TEST(Attention, LongSequence) {
  const int64_t length = 16384 + 3 * 32;
  const HashPlan plan = hashed_plan(37, length, 3, 64, 32);
  const AttentionSemantics semantics = semantics_preset("consistent");
  const HeadCase fp32 = random_case(38, length, 8, {length - 150, length}, true, false);
  for (const HeadCase& c : {fp32, in_bf16(fp32)}) {
    compare(describe(c, &plan), run_lsh(semantics, plan, c), expect_lsh(semantics, plan, c));
  }
}

// The published constants leave no trace where a query has another key. These do.
TEST(Attention, SmallPenalties) {
  const HashPlan plan = overflowing_plan(35, 48, 2, 4, 6);
  for (const OwnRule own : {OwnRule::allowed, OwnRule::replace, OwnRule::subtract}) {
    for (const bool causal : {true, false}) {
      AttentionSemantics semantics;
      semantics.lsh = semantics.full = {KeyNorm::unit, LogitScale::inverse_sqrt_dim, own, -1};
      semantics.other_bucket = OtherBucketRule::subtract;
      semantics.other_bucket_value = 2;
      const HeadCase c = random_case(36, 48, 9, {0, 48}, causal, false);
      compare("lsh", run_lsh(semantics, plan, c), expect_lsh(semantics, plan, c));
      compare("full", run_full(semantics.full, c), expect_full(semantics.full, c));
    }
  }
}

// A vector of length 0 has no direction: its key is 0, no gradient passes through that, and nothing
// becomes NaN or large.
TEST(Attention, KeyOfLengthZeroStaysZero) {
  HeadCase c = random_case(40, 12, 4, {0, 12}, true, false);
  c.qk[3] = {0, 0, 0, 0};
  const HashPlan plan = hashed_plan(41, 12, 2, 2, 4);
  const AttentionSemantics semantics = semantics_preset("consistent");
  compare("lsh", run_lsh(semantics, plan, c), expect_lsh(semantics, plan, c));
  compare("full", run_full(semantics.full, c), expect_full(semantics.full, c));
  for (const Attended& a : {run_lsh(semantics, plan, c), run_full(semantics.full, c)}) {
    for (const float d : a.dqk[3]) EXPECT_LT(std::abs(d), 100);
  }
}

// The weights that the backward pass computes again add up to 1 to the last bits, also where a
// query sees nothing but itself and all its logits are about -1e6, where floats are 1/16 apart.
TEST(Attention, BackwardWeightsAddUpToOne) {
  const HashPlan plans[] = {overflowing_plan(70, 24, 3, 6, 4), hashed_plan(71, 24, 4, 12, 4)};
  for (const std::string& name : semantics_names()) {
    const AttentionSemantics semantics = semantics_preset(name);
    HeadCase c = random_case(72, 24, 4, {0, 1}, true, false);
    c.dout = {{1, 0, 0, 0}};
    const auto expect_one = [&](const char* kind, const Attended& a) {
      double sum = 0;
      for (const auto& row : a.dv) sum += row[0];
      EXPECT_NEAR(sum, 1, 128 * std::numeric_limits<float>::epsilon())
          << name << " " << kind << " query " << c.queries.begin;
    };
    for (int64_t query = 0; query < c.length(); ++query) {
      c.queries = {query, query + 1};
      for (const HashPlan& plan : plans) expect_one("lsh", run_lsh(semantics, plan, c));
      expect_one("full", run_full(semantics.full, c));
    }
  }
}

// Longer than a block of keys, and rows that begin and end within one.
TEST_P(OnTarget, FullOverBlocksOfKeysEqualsReference) {
  const LogitRule rule = semantics_preset("consistent").full;
  for (const bool causal : {true, false}) {
    for (const bool padded : {false, true}) {
      const HeadCase fp32 = random_case(75, 530, 5, {200, 529}, causal, padded);
      for (const HeadCase& c : {fp32, in_bf16(fp32)}) {
        compare(describe(c, nullptr), run_full(rule, c), expect_full(rule, c));
      }
    }
  }
}

// A block of padding only is seen by none but its own queries.
TEST(Attention, BlocksOfPadding) {
  const LogitRule rule = semantics_preset("consistent").full;
  HeadCase c = random_case(76, 600, 3, {0, 600}, true, true);
  std::fill_n(c.valid.begin(), 530, uint8_t{0});
  compare(describe(c, nullptr), run_full(rule, c), expect_full(rule, c));
}

// Rounds of more chunks than one block holds.
TEST_P(OnTarget, LshOverBlocksOfChunksEqualsReference) {
  const HashPlan plans[] = {overflowing_plan(77, 1160, 2, 6, 8), hashed_plan(78, 1160, 1, 40, 20)};
  for (const char* name : {"consistent", "paper", "trax"}) {
    const AttentionSemantics semantics = semantics_preset(name);
    for (const HashPlan& plan : plans) {
      const HeadCase fp32 = random_case(79, plan.length, 3, {300, plan.length}, true, false);
      for (const HeadCase& c : {fp32, in_bf16(fp32)}) {
        compare(std::string(name) + " " + describe(c, &plan), run_lsh(semantics, plan, c),
                expect_lsh(semantics, plan, c));
      }
    }
  }
}

// Rows that are not wanted are not computed, and those that are do not notice: same bits.
TEST(Attention, RowRangesChangeNoBit) {
  for (const std::string& name : semantics_names()) {
    const AttentionSemantics semantics = semantics_preset(name);
    const HeadCase plain = random_case(50, 96, 24, {0, 96}, true, false);
    const HeadCase padded = random_case(50, 96, 24, {0, 96}, true, true);
    for (const HeadCase& all : {plain, padded, in_bf16(plain), in_bf16(padded)}) {
      const HashPlan plan = hashed_plan(51, 96, 4, 8, 16);
      const Attended full = run_full(semantics.full, all);
      const Attended lsh = run_lsh(semantics, plan, all);
      for (const QueryRange rows : {QueryRange{48, 96}, QueryRange{95, 96}, QueryRange{0, 1},
                                    QueryRange{17, 60}, QueryRange{5, 5}}) {
        HeadCase some = all;
        some.queries = rows;
        some.dout.assign(all.dout.begin() + rows.begin, all.dout.begin() + rows.end);
        if (rows.size() == 0) some.dout.push_back(all.dout[0]);  // the shape of nothing
        const Attended some_full = run_full(semantics.full, some);
        const Attended some_lsh = run_lsh(semantics, plan, some);
        for (int64_t t = rows.begin; t < rows.end; ++t) {
          const auto i = static_cast<size_t>(t - rows.begin);
          const auto at = static_cast<size_t>(t);
          EXPECT_EQ(some_full.out[i], full.out[at]) << name << " row " << t;
          EXPECT_EQ(some_lsh.out[i], lsh.out[at]) << name << " row " << t;
          EXPECT_EQ(some_lsh.lse[i], lsh.lse[at]) << name << " row " << t;
        }
      }
    }
  }
}

// dqk and dv are added to, so that heads, layers and sequences can share them.
TEST(Attention, BackwardAddsToItsGradients) {
  const AttentionSemantics semantics = semantics_preset("consistent");
  const HeadCase c = random_case(60, 16, 4, {0, 16}, true, false);
  const HashPlan plan = hashed_plan(61, 16, 2, 4, 4);
  for (const bool full : {true, false}) {
    const Attended once = full ? run_full(semantics.full, c) : run_lsh(semantics, plan, c);
    const Attended added =
        full ? run_full(semantics.full, c, 0.5F) : run_lsh(semantics, plan, c, 0.5F);
    for (size_t t = 0; t < c.qk.size(); ++t) {
      for (size_t d = 0; d < c.qk[t].size(); ++d) {
        EXPECT_NEAR(added.dqk[t][d], once.dqk[t][d] + 0.5F, 1e-5);
        EXPECT_NEAR(added.dv[t][d], once.dv[t][d] + 0.5F, 1e-5);
      }
    }
  }
}

}  // namespace
}  // namespace reformer::test
