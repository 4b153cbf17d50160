// The reference itself: its gradients are those of its outputs, and its outputs those that a
// student gets with pencil and paper (hand_computed_test.cc).
#include "reformer/attention/reference.h"

#include <gtest/gtest.h>

#include "tests/attention/difference.h"
#include "tests/attention/head_case.h"

namespace reformer::test {
namespace {

using reference::Candidates;
using reference::Head;

double loss(const LogitRule& rule, const Head<double>& head, const std::vector<Candidates>& seen,
            const Table& dout) {
  const auto output = reference::forward(rule, head, seen);
  double sum = 0;
  for (size_t i = 0; i < dout.size(); ++i) sum += reference::dot(output.out[i], dout[i]);
  return sum;
}

void check_gradients(const std::string& name, const LogitRule& rule, const HeadCase& c,
                     const std::vector<Candidates>& seen) {
  Head<double> head = c.reference_head();
  const Table dout = to_double(c.dout);
  const auto analytic = reference::backward(rule, head, seen, dout);
  const auto f = [&] { return loss(rule, head, seen, dout); };
  const Table dqk = derivatives(head.qk, f);
  const Table dv = derivatives(head.v, f);
  // Logits of -1e6, where a penalty is all that a query has, leave 1e-10 of a weight; over h.
  const Table bound(head.qk.size(), std::vector<double>(head.qk[0].size(), 1e-7));
  EXPECT_TRUE(all_within(analytic.dqk, dqk, bound)) << name << ": dqk";
  EXPECT_TRUE(all_within(analytic.dv, dv, bound)) << name << ": dv";
}

TEST(Reference, FullGradientsAreDifferences) {
  for (const std::string& name : semantics_names()) {
    for (const bool causal : {true, false}) {
      for (const bool padded : {false, true}) {
        const HeadCase c = random_case(1, 8, 3, {0, 8}, causal, padded);
        check_gradients(name + " " + describe(c, nullptr), semantics_preset(name).full, c,
                        reference::full_seen(c.reference_head()));
      }
    }
  }
}

TEST(Reference, LshGradientsAreDifferencesInEveryNumberOfRounds) {
  for (const std::string& name : semantics_names()) {
    const AttentionSemantics semantics = semantics_preset(name);
    for (const int64_t rounds : {1, 2, 4, 8}) {
      for (const bool causal : {true, false}) {
        const HeadCase c = random_case(2, 12, 3, {4, 12}, causal, rounds == 2);
        const HashPlan plan = hashed_plan(3, 12, rounds, 4, 3);
        check_gradients(name + " " + describe(c, &plan), semantics.lsh, c,
                        reference::lsh_seen(semantics, plan, c.reference_head()));
      }
    }
  }
}

// Without penalties, so that float has no large logits to lose its digits on.
TEST(Reference, IsTheSameInEveryFloatingType) {
  const LogitRule rule{KeyNorm::unit, LogitScale::one, OwnRule::allowed, 0};
  const HeadCase c = random_case(4, 12, 3, {0, 12}, true, false);
  Head<long double> wide{{}, {}, {}, c.queries};
  for (const auto& row : c.qk) wide.qk.emplace_back(row.begin(), row.end());
  for (const auto& row : c.v) wide.v.emplace_back(row.begin(), row.end());
  const Head<float> narrow{c.qk, c.v, {}, c.queries};
  const auto seen = reference::full_seen(wide);
  const auto output = reference::forward(rule, c.reference_head(), seen);
  const auto wide_output = reference::forward(rule, wide, seen);
  const auto narrow_output = reference::forward(rule, narrow, seen);
  for (size_t t = 0; t < output.out.size(); ++t) {
    for (size_t d = 0; d < output.out[t].size(); ++d) {
      EXPECT_NEAR(static_cast<double>(wide_output.out[t][d]), output.out[t][d], 1e-14);
      EXPECT_NEAR(narrow_output.out[t][d], output.out[t][d], 1e-5);
    }
  }
}

}  // namespace
}  // namespace reformer::test
