// The future has weight zero: not a small weight, none.
#include <gtest/gtest.h>

#include "tests/attention/head_case.h"

namespace reformer::test {
namespace {

constexpr int64_t kTokens = 48;

// What an earlier row gives must not depend on later tokens by a single bit, even when they become
// as large as floats of this task never are.
HeadCase with_another_future(HeadCase c, int64_t from) {
  for (auto t = static_cast<size_t>(from); t < c.qk.size(); ++t) {
    for (float& x : c.qk[t]) x = 1000 - 3 * x;
    for (float& x : c.v[t]) x = 1e6F + x;
  }
  return c;
}

void expect_same_past(const std::string& name, const Attended& a, const Attended& b, int64_t from) {
  for (size_t t = 0; t < static_cast<size_t>(from); ++t) {
    EXPECT_EQ(a.out[t], b.out[t]) << name << " row " << t << " sees the future";
    EXPECT_EQ(a.lse[t], b.lse[t]) << name << " row " << t << " sees the future";
  }
}

TEST(Causality, FullAttentionDoesNotSeeTheFuture) {
  for (const std::string& name : semantics_names()) {
    const LogitRule rule = semantics_preset(name).full;
    for (const bool padded : {false, true}) {
      const HeadCase c = random_case(90, kTokens, 9, {0, kTokens}, true, padded);
      const Attended before = run_full(rule, c);
      for (const int64_t from : {1, 7, 24, 47}) {
        expect_same_past(name, before, run_full(rule, with_another_future(c, from)), from);
      }
    }
  }
}

// The plan is frozen: hashing is a choice that later tokens may change, attention under it is not.
TEST(Causality, LshAttentionDoesNotSeeTheFuture) {
  for (const std::string& name : semantics_names()) {
    const AttentionSemantics semantics = semantics_preset(name);
    for (const int64_t rounds : {1, 2, 4}) {
      for (const bool padded : {false, true}) {
        const HashPlan plan = rounds == 2 ? overflowing_plan(91, kTokens, rounds, 4, 6)
                                          : hashed_plan(91, kTokens, rounds, 6, 8);
        const HeadCase c = random_case(92, kTokens, 9, {0, kTokens}, true, padded);
        const Attended before = run_lsh(semantics, plan, c);
        for (const int64_t from : {1, 7, 24, 47}) {
          const Attended after = run_lsh(semantics, plan, with_another_future(c, from));
          expect_same_past(name + " " + describe(c, &plan), before, after, from);
        }
      }
    }
  }
}

// And no gradient reaches a token from rows before it.
TEST(Causality, GradientsDoNotReachTheFuture) {
  for (const std::string& name : semantics_names()) {
    const AttentionSemantics semantics = semantics_preset(name);
    const HeadCase c = random_case(93, kTokens, 9, {0, 20}, true, false);
    const HashPlan plan = hashed_plan(94, kTokens, 2, 6, 8);
    for (const Attended& a : {run_full(semantics.full, c), run_lsh(semantics, plan, c)}) {
      for (size_t t = 20; t < kTokens; ++t) {
        EXPECT_EQ(a.dqk[t], std::vector<float>(9, 0.0F)) << name << " token " << t;
        EXPECT_EQ(a.dv[t], std::vector<float>(9, 0.0F)) << name << " token " << t;
      }
    }
  }
}

// Padding is seen by nobody but itself.
TEST(Causality, PaddingHasNoWeight) {
  const AttentionSemantics semantics = semantics_preset("trax");
  HeadCase c = random_case(95, kTokens, 9, {0, kTokens}, false, true);
  HeadCase other = c;
  for (size_t t = 0; t < kTokens; ++t) {
    if (c.valid[t] != 0) continue;
    for (float& x : other.qk[t]) x += 10;
    for (float& x : other.v[t]) x -= 100;
  }
  const HashPlan plan = hashed_plan(96, kTokens, 2, 6, 8);
  const Attended full[] = {run_full(semantics.full, c), run_full(semantics.full, other)};
  const Attended lsh[] = {run_lsh(semantics, plan, c), run_lsh(semantics, plan, other)};
  for (size_t t = 0; t < kTokens; ++t) {
    if (c.valid[t] == 0) continue;
    EXPECT_EQ(full[0].out[t], full[1].out[t]) << t;
    EXPECT_EQ(lsh[0].out[t], lsh[1].out[t]) << t;
  }
}

}  // namespace
}  // namespace reformer::test
