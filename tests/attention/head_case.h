// Random heads for the attention tests, and one call each for production and reference.
#pragma once

#include <string>
#include <vector>

#include "reformer/attention/full.h"
#include "reformer/attention/lsh.h"
#include "reformer/attention/reference.h"
#include "tests/support/compare.h"

namespace reformer::test {

// Inputs of one head. They are floats; the reference reads the same values as doubles.
struct HeadCase {
  std::vector<std::vector<float>> qk, v, dout;  // [T, D], [T, D], [M, D]
  std::vector<uint8_t> valid;
  QueryRange queries{0, 0};
  bool causal = true;
  Precision precision = Precision::fp32;

  int64_t length() const { return static_cast<int64_t>(qk.size()); }
  int64_t dim() const { return static_cast<int64_t>(qk[0].size()); }
  reference::Head<double> reference_head() const;
};

// Normally distributed vectors; `padded` marks about a third of the positions as padding.
HeadCase random_case(uint64_t seed, int64_t length, int64_t dim, QueryRange queries, bool causal,
                     bool padded);

// The case in bf16, with vectors that are such numbers already.
HeadCase in_bf16(HeadCase c);

Table to_double(const std::vector<std::vector<float>>& rows);

// What attention gives for a case.
struct Attended {
  std::vector<std::vector<float>> out;  // [M, D]
  std::vector<double> lse;              // [M]
  std::vector<std::vector<float>> dqk, dv;
};

// Production. The head's matrices are slices of wider ones, whose other columns are NaN on input
// and have to stay untouched on output. The gradients start from `gradient`.
Attended run_full(const LogitRule& rule, const HeadCase& c, float gradient = 0);
Attended run_lsh(const AttentionSemantics& semantics, const HashPlan& plan, const HeadCase& c,
                 float gradient = 0);

// The reference in double, and a bound of what float arithmetic may differ from it.
struct Expected {
  Table out;
  std::vector<double> lse;
  Table dqk, dv;
  Table out_bound;
  std::vector<double> lse_bound;
  Table dqk_bound, dv_bound;
};
Expected expect_full(const LogitRule& rule, const HeadCase& c);
Expected expect_lsh(const AttentionSemantics& semantics, const HashPlan& plan, const HeadCase& c);

// A line for every element of `actual` that is out of bounds; empty when none is.
std::string mismatches(const Attended& actual, const Expected& expected);

// Reports them under `name`.
void compare(const std::string& name, const Attended& actual, const Expected& expected);

// A plan by hashing random vectors, or with most positions in one bucket so that it overflows.
HashPlan hashed_plan(uint64_t seed, int64_t length, int64_t rounds, int64_t buckets,
                     int64_t chunk_length);
HashPlan overflowing_plan(uint64_t seed, int64_t length, int64_t rounds, int64_t buckets,
                          int64_t chunk_length);

// "seed causal padded T=48 D=5 R=2 N=6 S=8" for messages.
std::string describe(const HeadCase& c, const HashPlan* plan);

}  // namespace reformer::test
