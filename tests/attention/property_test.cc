// Any shape, any meaning: production equals reference. RapidCheck chooses, and shrinks what fails.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/attention/head_case.h"

namespace reformer::test {
namespace {

template <class Enum>
Enum any_of() {
  constexpr int kCount = static_cast<int>(std::size(EnumNames<Enum>::names));
  return EnumNames<Enum>::names[*rc::gen::inRange(0, kCount)].first;
}

// Not the presets only: every combination of the switches, with constants that leave a trace.
LogitRule any_rule() {
  LogitRule rule{any_of<KeyNorm>(), any_of<LogitScale>(), any_of<OwnRule>(), 0};
  rule.own_value = *rc::gen::element(-1e4, -2.0, 0.5, 3.0, 1e5);
  if (rule.own == OwnRule::replace) rule.own_value = -std::abs(rule.own_value);
  return rule;
}

AttentionSemantics any_semantics() {
  AttentionSemantics s;
  s.full = any_rule();
  s.lsh = any_rule();
  s.other_bucket = any_of<OtherBucketRule>();
  s.other_bucket_value = *rc::gen::element(0.5, 30.0, 9999.0, 1e4, 1e5);
  s.correct_duplicates = *rc::gen::arbitrary<bool>();
  return s;
}

HeadCase any_case(uint64_t seed, int64_t length) {
  const int64_t dim = *rc::gen::inRange<int64_t>(1, 40);
  const int64_t begin = *rc::gen::inRange<int64_t>(0, length);
  const int64_t end = *rc::gen::inRange<int64_t>(begin + 1, length + 1);
  return random_case(seed, length, dim, {begin, end}, *rc::gen::arbitrary<bool>(),
                     *rc::gen::arbitrary<bool>());
}

RC_GTEST_PROP(AttentionProperty, LshEqualsReference, ()) {
  const auto seed = *rc::gen::inRange<uint64_t>(0, 1000000);
  const int64_t chunk = *rc::gen::inRange<int64_t>(1, 20);
  const int64_t length = chunk * *rc::gen::inRange<int64_t>(1, 7);
  const int64_t rounds = *rc::gen::inRange<int64_t>(1, 6);
  const int64_t buckets = 2 * *rc::gen::inRange<int64_t>(1, 10);
  const HashPlan plan = *rc::gen::arbitrary<bool>()
                            ? hashed_plan(seed, length, rounds, buckets, chunk)
                            : overflowing_plan(seed, length, rounds, buckets, chunk);
  const AttentionSemantics semantics = any_semantics();
  const HeadCase c = any_case(seed, length);
  const std::string bad = mismatches(run_lsh(semantics, plan, c), expect_lsh(semantics, plan, c));
  if (!bad.empty()) RC_FAIL(describe(c, &plan) + bad);
}

RC_GTEST_PROP(AttentionProperty, FullEqualsReference, ()) {
  const auto seed = *rc::gen::inRange<uint64_t>(0, 1000000);
  const LogitRule rule = any_rule();
  const HeadCase c = any_case(seed, *rc::gen::inRange<int64_t>(1, 120));
  const std::string bad = mismatches(run_full(rule, c), expect_full(rule, c));
  if (!bad.empty()) RC_FAIL(describe(c, nullptr) + bad);
}

}  // namespace
}  // namespace reformer::test
