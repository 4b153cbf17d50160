// Every row of the table of meanings (docs/lsh-attention.md), with numbers from pencil and paper.
// Production and reference have to give them both.
#include <gtest/gtest.h>

#include <map>

#include "tests/attention/head_case.h"

namespace reformer::test {
namespace {

// Tokens with a value of one number each (the other columns of v are 0), so that the output of a
// query is the weighted mean of the values it attends to.
struct Tiny {
  std::vector<std::vector<float>> qk;
  std::vector<float> value;
  std::vector<uint8_t> valid = {};
  bool causal = true;

  HeadCase head_case() const {
    HeadCase c;
    c.qk = qk;
    for (size_t t = 0; t < qk.size(); ++t) {
      c.v.emplace_back(qk[t].size(), 0.0F);
      c.v.back()[0] = value[t];
    }
    c.dout = c.v;
    c.valid = valid;
    c.queries = {0, static_cast<int64_t>(qk.size())};
    c.causal = causal;
    return c;
  }
};

// Queries and keys that are all alike: every product is 1.
Tiny alike(std::vector<float> value) {
  return {std::vector<std::vector<float>>(value.size(), {1.0F}), value};
}

constexpr double kClose = 1e-5;

double full_output(const LogitRule& rule, const Tiny& tiny, size_t query) {
  const HeadCase c = tiny.head_case();
  const double out = run_full(rule, c).out[query][0];
  EXPECT_NEAR(out, expect_full(rule, c).out[query][0], kClose * (1 + std::abs(out)));
  return out;
}

double lsh_output(const AttentionSemantics& semantics, const HashPlan& plan, const Tiny& tiny,
                  size_t query) {
  const HeadCase c = tiny.head_case();
  const double out = run_lsh(semantics, plan, c).out[query][0];
  EXPECT_NEAR(out, expect_lsh(semantics, plan, c).out[query][0], kClose * (1 + std::abs(out)));
  return out;
}

// One chunk, one round; buckets as given.
HashPlan one_chunk(std::vector<int32_t> bucket) {
  const auto length = static_cast<int64_t>(bucket.size());
  return plan_from_buckets(std::move(bucket), length, 1, 2, length);
}

// The same expectation for each preset, in the order of semantics_names().
using PerPreset = std::map<std::string, double>;

TEST(HandComputed, KeyNormAndLogitScale) {
  // D = 4. Query 2 is (2,0,0,0), key 0 (3,0,0,0), key 1 (0,0,0,5) is orthogonal to it.
  const Tiny tiny{{{3, 0, 0, 0}, {0, 0, 0, 5}, {2, 0, 0, 0}}, {1, 0, 0}};
  // Logits of key 0: q.k = 6, q.k / sqrt(4) = 3, q.^k = 2, q.^k / sqrt(4) = 1; of key 1: 0. With
  // oneself masked the output is the weight of key 0, the sigmoid of its logit.
  const auto rule = [](KeyNorm norm, LogitScale scale) {
    return LogitRule{norm, scale, OwnRule::replace, -1e4};
  };
  EXPECT_NEAR(full_output(rule(KeyNorm::none, LogitScale::one), tiny, 2), 0.997527, kClose);
  EXPECT_NEAR(full_output(rule(KeyNorm::none, LogitScale::inverse_sqrt_dim), tiny, 2), 0.952574,
              kClose);
  EXPECT_NEAR(full_output(rule(KeyNorm::unit, LogitScale::one), tiny, 2), 0.880797, kClose);
  EXPECT_NEAR(full_output(rule(KeyNorm::unit, LogitScale::inverse_sqrt_dim), tiny, 2), 0.731059,
              kClose);

  // The published programs. The paper's full attention may attend to itself, with the logit
  // 2 * 2 / 2 = 2: e^3 / (e^3 + e^0 + e^2) = 20.0855 / 28.4746.
  const PerPreset full = {{"consistent", 0.880797}, {"seed", 0.952574}, {"paper", 0.705385},
                          {"lucidrains", 0.731059}, {"trax", 0.880797}, {"huggingface", 0.880797}};
  const PerPreset lsh = {{"consistent", 0.880797}, {"seed", 0.731059}, {"paper", 0.880797},
                         {"lucidrains", 0.731059}, {"trax", 0.880797}, {"huggingface", 0.880797}};
  for (const std::string& name : semantics_names()) {
    const AttentionSemantics s = semantics_preset(name);
    EXPECT_NEAR(full_output(s.full, tiny, 2), full.at(name), kClose) << name;
    EXPECT_NEAR(lsh_output(s, one_chunk({0, 0, 0}), tiny, 2), lsh.at(name), kClose) << name;
  }
}

TEST(HandComputed, OwnRule) {
  // D = 1: query 1 is 2, both unit keys are 1, so both logits are 2 before the rule. The output is
  // the weight of key 0, the sigmoid of the difference of the logits.
  const Tiny tiny{{{1}, {2}}, {1, 0}};
  LogitRule rule{KeyNorm::unit, LogitScale::one, OwnRule::allowed, 0};
  AttentionSemantics semantics;
  const auto expect_both = [&](double expected) {
    semantics.lsh = rule;
    EXPECT_NEAR(full_output(rule, tiny, 1), expected, kClose);
    EXPECT_NEAR(lsh_output(semantics, one_chunk({0, 0}), tiny, 1), expected, kClose);
  };
  expect_both(0.5);
  rule.own = OwnRule::replace;
  rule.own_value = -1;  // the own logit is -1: sigmoid(2 + 1)
  expect_both(0.952574);
  rule.own = OwnRule::subtract;
  rule.own_value = 1;  // the own logit is 2 - 1: sigmoid(1)
  expect_both(0.731059);
}

TEST(HandComputed, OwnIsMaskedUnlessThereIsNothingElse) {
  // D = 1: query 1 is 2, key 0 is 1.
  const Tiny tiny{{{1}, {2}}, {3, 7}};
  for (const std::string& name : semantics_names()) {
    const AttentionSemantics s = semantics_preset(name);
    // The first token sees only itself.
    EXPECT_EQ(full_output(s.full, tiny, 0), 3) << name;
    EXPECT_EQ(lsh_output(s, one_chunk({0, 0}), tiny, 0), 3) << name;
    // The second sees the first and not itself. The paper's full attention is the exception: the
    // logits are 2 * 1 and 2 * 2, so 7 has the weight sigmoid(2): 3 * 0.119203 + 7 * 0.880797.
    EXPECT_NEAR(full_output(s.full, tiny, 1), name == "paper" ? 6.523188 : 3, kClose) << name;
    EXPECT_EQ(lsh_output(s, one_chunk({0, 0}), tiny, 1), 3) << name;
    // Where all others are padding, every token sees itself, padding or not; all but the paper's
    // full attention see the one valid token where there is one.
    Tiny padded = tiny;
    padded.causal = false;
    padded.valid = {0, 0};
    EXPECT_EQ(full_output(s.full, padded, 0), 3) << name;
    EXPECT_EQ(lsh_output(s, one_chunk({0, 0}), padded, 1), 7) << name;
    padded.valid = {0, 1};
    EXPECT_EQ(lsh_output(s, one_chunk({0, 0}), padded, 0), 7) << name;
    EXPECT_EQ(lsh_output(s, one_chunk({0, 0}), padded, 1), 7) << name;
  }
}

TEST(HandComputed, OtherBucket) {
  // All logits are 1. Query 2 and key 0 are in bucket 0, key 1 is not.
  const HashPlan plan = one_chunk({0, 1, 0});
  const Tiny tiny = alike({1, 0, 0});
  AttentionSemantics s;
  EXPECT_EQ(lsh_output(s, plan, tiny, 2), 1);  // forbidden
  s.other_bucket = OtherBucketRule::allowed;
  EXPECT_NEAR(lsh_output(s, plan, tiny, 2), 0.5, kClose);
  s.other_bucket = OtherBucketRule::subtract;
  s.other_bucket_value = 1;  // sigmoid(1)
  EXPECT_NEAR(lsh_output(s, plan, tiny, 2), 0.731059, kClose);

  const PerPreset expected = {{"consistent", 1},   {"seed", 1},   {"paper", 1},
                              {"lucidrains", 0.5}, {"trax", 0.5}, {"huggingface", 0.5}};
  for (const std::string& name : semantics_names()) {
    EXPECT_NEAR(lsh_output(semantics_preset(name), plan, tiny, 2), expected.at(name), kClose)
        << name;
  }
}

TEST(HandComputed, WithoutACompanionTheFallbackIsOneselfOrTheOtherBuckets) {
  // Query 2 is alone in its bucket. Its products with the keys 0 and 1 are 1 and -1.
  const Tiny tiny{{{1}, {-1}, {1}}, {1, 2, 5}};
  const HashPlan plan = one_chunk({0, 0, 1});
  // Where other buckets are forbidden it attends to itself. The paper's program takes 1e5 from the
  // others and 1e6 from itself, so it attends to the others as if they were of its bucket, as do
  // the programs that allow them: 1 * sigmoid(2) + 2 * sigmoid(-2).
  const PerPreset expected = {{"consistent", 5},   {"seed", 5},
                              {"paper", 1.119203}, {"lucidrains", 1.119203},
                              {"trax", 1.119203},  {"huggingface", 1.119203}};
  for (const std::string& name : semantics_names()) {
    EXPECT_NEAR(lsh_output(semantics_preset(name), plan, tiny, 2), expected.at(name), kClose)
        << name;
  }
}

TEST(HandComputed, PairsThatMeetTwice) {
  // Six equal tokens in chunks of 2, two rounds. Query 5 is in the last chunk of both.
  // Round 0, one bucket, order 0 1 | 2 3 | 4 5: it sees 2, 3, 4.
  // Round 1, buckets 1 1 0 0 1 1, order 2 3 | 0 1 | 4 5: it sees 0, 1, 4, all of its bucket.
  const HashPlan plan =
      plan_from_buckets({0, 0, 0, 0, 0, 0, /* round 1 */ 1, 1, 0, 0, 1, 1}, 6, 2, 2, 2);
  // All logits are equal. Counted once, key 4 is one of five. Not corrected, it is one of three in
  // each round, and the rounds weigh the same.
  const PerPreset expected = {{"consistent", 1. / 5}, {"seed", 1. / 5}, {"paper", 1. / 5},
                              {"lucidrains", 1. / 3}, {"trax", 1. / 3}, {"huggingface", 1. / 3}};
  for (const std::string& name : semantics_names()) {
    AttentionSemantics s = semantics_preset(name);
    EXPECT_NEAR(lsh_output(s, plan, alike({0, 0, 0, 0, 1, 0}), 5), expected.at(name), kClose)
        << name;
    s.correct_duplicates = !s.correct_duplicates;
    EXPECT_NEAR(lsh_output(s, plan, alike({0, 0, 0, 0, 1, 0}), 5), 8. / 15 - expected.at(name),
                kClose)
        << name << " with the switch turned";
  }
}

TEST(HandComputed, MeetingNeedsTheSameBucketUnlessOthersAreAllowed) {
  // One chunk, two rounds; key 1 shares the bucket of query 2 in round 0 only, key 0 in both.
  const HashPlan plan = plan_from_buckets({0, 0, 0, /* round 1 */ 0, 1, 0}, 3, 2, 2, 3);
  const Tiny tiny = alike({1, 0, 0});
  AttentionSemantics s;  // forbidden, corrected: key 0 counts 1/2 twice, key 1 once
  EXPECT_NEAR(lsh_output(s, plan, tiny, 2), 1. / 2, kClose);
  s.correct_duplicates = false;  // key 0 twice, key 1 once
  EXPECT_NEAR(lsh_output(s, plan, tiny, 2), 2. / 3, kClose);
}

TEST(HandComputed, TheChunksOfAllRoundsFormARing) {
  // Round 0: order 0 1 | 2 3.  Round 1, buckets 0 1 1 0: order 0 3 | 1 2. Other buckets allowed.
  const HashPlan plan = plan_from_buckets({0, 0, 0, 0, /* round 1 */ 0, 1, 1, 0}, 4, 2, 2, 2);
  const AttentionSemantics s = semantics_preset("trax");
  // Query 3 sees 0, 1, 2 in round 0; in round 1 it is in the first chunk with 0, and the chunk
  // before is the last of round 0, 2 3: it sees 0, 2 (and not the copy of itself). Of 5 places in
  // all, 0 and 2 have two each: (2 * 1 + 10 + 2 * 100) / 5.
  Tiny tiny = alike({1, 10, 100, 1000});
  EXPECT_NEAR(lsh_output(s, plan, tiny, 3), 42.4, 1e-3);
  // Query 0 without causality. Round 0: it is in the first chunk with 1, and before that comes the
  // last chunk of the last round, 1 2. Round 1: with 3, and 2 3 before. Six places, two each:
  // (10 + 100 + 1000) / 3.
  tiny.causal = false;
  EXPECT_NEAR(lsh_output(s, plan, tiny, 0), 370, 1e-2);
  // Where other buckets are forbidden the ring gives nothing: 1 in round 0, 3 in round 1.
  EXPECT_NEAR(lsh_output(semantics_preset("consistent"), plan, tiny, 0), 505, 1e-2);
}

TEST(HandComputed, OneRoundIsARingOfItsOwn) {
  // One bucket of 6 in chunks of 2: without causality query 0 sees 1 and, before it, the last
  // chunk: 4 and 5.
  const HashPlan plan = plan_from_buckets({0, 0, 0, 0, 0, 0}, 6, 1, 2, 2);
  Tiny tiny = alike({1, 10, 100, 1000, 10000, 100000});
  tiny.causal = false;
  EXPECT_NEAR(lsh_output(AttentionSemantics{}, plan, tiny, 0), 110010. / 3, 1);
}

}  // namespace
}  // namespace reformer::test
