#include "tests/attention/head_case.h"

#include <functional>
#include <limits>

#include "reformer/base/random.h"
#include "tests/attention/error_bound.h"

namespace reformer::test {
namespace {

using Floats = std::vector<std::vector<float>>;

// A matrix with a head's columns in its middle; everything around them is `poison`.
class Slice {
 public:
  Slice(int64_t rows, int64_t cols, float poison, float inside = 0) : cols_(cols), poison_(poison) {
    whole_.reshape(rows, 3 * cols);
    whole_.fill(poison);
    MatrixView middle = view();
    for (int64_t r = 0; r < rows; ++r) std::fill_n(middle.row(r), cols, inside);
  }
  Slice(const Floats& values, float poison)
      : Slice(static_cast<int64_t>(values.size()), static_cast<int64_t>(values[0].size()), poison) {
    for (size_t r = 0; r < values.size(); ++r) {
      std::copy(values[r].begin(), values[r].end(), view().row(static_cast<int64_t>(r)));
    }
  }

  MatrixView view() { return whole_.view().col_range(cols_, 2 * cols_); }

  Floats values() {
    Floats result;
    for (int64_t r = 0; r < whole_.rows(); ++r) {
      const auto row = view().row_span(r);
      result.emplace_back(row.begin(), row.end());
    }
    return result;
  }

  bool surroundings_are_untouched() {
    for (int64_t r = 0; r < whole_.rows(); ++r) {
      for (int64_t c = 0; c < whole_.cols(); ++c) {
        if ((c < cols_ || c >= 2 * cols_) && whole_.row(r)[c] != poison_) return false;
      }
    }
    return true;
  }

 private:
  int64_t cols_;
  float poison_;
  Matrix whole_;
};

using Totals = std::vector<SoftmaxTotal>;
using Forward = std::function<void(const HeadInput&, MatrixView, Totals&)>;
using Backward = std::function<void(const HeadInput&, ConstMatrixView, const Totals&,
                                    ConstMatrixView, MatrixView, MatrixView)>;

// A workspace that was used for something else first: nothing of it may leak into the result.
AttentionWorkspace used_workspace() {
  AttentionWorkspace work;
  for (Matrix* m :
       {&work.dkeys, &work.block_keys, &work.block_dkeys, &work.block_dvalues, &work.block.outputs,
        &work.block.dqueries, &work.block.logits, &work.block.dlogits}) {
    m->reshape(131, 131);
    m->fill(777);
  }
  Matrix other(131, 131);
  other.fill(777);
  for (const Precision precision : {Precision::fp32, Precision::bf16}) {
    for (RightOperand* operand :
         {&work.key_t, &work.value_t, &work.key_rows, &work.value_rows, &work.block.weights}) {
      operand->copied(other, precision);
    }
    for (TwoWayOperand* operand :
         {&work.block.queries, &work.block.doutputs, &work.block.dproducts}) {
      operand->copy(other, precision);
    }
    work.block.left.copied(other, precision);
  }
  return work;
}

Attended run(const HeadCase& c, float gradient, const Forward& forward, const Backward& backward) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  constexpr float kMark = -123;
  Slice qk(c.qk, kNaN), v(c.v, kNaN), dout(c.dout, kNaN);
  Slice out(c.queries.size(), c.dim(), kMark);
  Slice dqk(c.length(), c.dim(), kMark, gradient), dv(c.length(), c.dim(), kMark, gradient);
  const HeadInput in{qk.view(), v.view(), c.valid, c.queries, c.causal, c.precision};
  Attended result;
  Totals totals(static_cast<size_t>(c.queries.size()));
  forward(in, out.view(), totals);
  for (const SoftmaxTotal& total : totals) result.lse.push_back(total.log_sum_exp());
  backward(in, out.view(), totals, dout.view(), dqk.view(), dv.view());
  EXPECT_TRUE(out.surroundings_are_untouched() && dqk.surroundings_are_untouched() &&
              dv.surroundings_are_untouched());
  result.out = out.values();
  result.dqk = dqk.values();
  result.dv = dv.values();
  return result;
}

Expected expect(const LogitRule& rule, const HeadCase& c,
                const std::vector<reference::Candidates>& seen) {
  const auto head = c.reference_head();
  const Table dout = to_double(c.dout);
  const auto output = reference::forward(rule, head, seen);
  const auto gradient = reference::backward(rule, head, seen, dout);
  const ErrorBound bound = error_bound(rule, head, seen, dout, c.precision);
  return {output.out, output.lse, gradient.dqk, gradient.dv,
          bound.out,  bound.lse,  bound.dqk,    bound.dv};
}

Floats random_rows(const StreamKey& key, int64_t rows, int64_t cols) {
  const RandomStream stream(key);
  Floats result(static_cast<size_t>(rows), std::vector<float>(static_cast<size_t>(cols)));
  uint64_t next = 0;
  for (auto& row : result) {
    for (float& value : row) value = static_cast<float>(stream.normal(next++));
  }
  return result;
}

}  // namespace

Table to_double(const Floats& rows) {
  Table result;
  for (const auto& row : rows) result.emplace_back(row.begin(), row.end());
  return result;
}

reference::Head<double> HeadCase::reference_head() const {
  return {to_double(qk), to_double(v), {valid, causal}, queries};
}

HeadCase random_case(uint64_t seed, int64_t length, int64_t dim, QueryRange queries, bool causal,
                     bool padded) {
  HeadCase c;
  c.qk = random_rows({.seed = seed, .example = 0}, length, dim);
  c.v = random_rows({.seed = seed, .example = 1}, length, dim);
  c.dout = random_rows({.seed = seed, .example = 2}, queries.size(), dim);
  c.queries = queries;
  c.causal = causal;
  const RandomStream stream({.seed = seed, .example = 3});
  for (uint64_t t = 0; padded && t < static_cast<uint64_t>(length); ++t) {
    c.valid.push_back(stream.below(t, 3) != 0);
  }
  return c;
}

HeadCase in_bf16(HeadCase c) {
  c.precision = Precision::bf16;
  for (Floats* rows : {&c.qk, &c.v, &c.dout}) {
    for (auto& row : *rows) round_to_bf16(row.data(), row.data(), static_cast<int64_t>(row.size()));
  }
  return c;
}

Attended run_full(const LogitRule& rule, const HeadCase& c, float gradient) {
  AttentionWorkspace work = used_workspace();
  return run(
      c, gradient,
      [&](const HeadInput& in, MatrixView out, Totals& totals) {
        full_forward(rule, in, out, totals, work);
      },
      [&](const HeadInput& in, ConstMatrixView out, const Totals& totals, ConstMatrixView dout,
          MatrixView dqk,
          MatrixView dv) { full_backward(rule, in, out, totals, dout, dqk, dv, work); });
}

Attended run_lsh(const AttentionSemantics& semantics, const HashPlan& plan, const HeadCase& c,
                 float gradient) {
  AttentionWorkspace work = used_workspace();
  return run(
      c, gradient,
      [&](const HeadInput& in, MatrixView out, Totals& totals) {
        lsh_forward(semantics, plan, in, out, totals, work);
      },
      [&](const HeadInput& in, ConstMatrixView out, const Totals& totals, ConstMatrixView dout,
          MatrixView dqk,
          MatrixView dv) { lsh_backward(semantics, plan, in, out, totals, dout, dqk, dv, work); });
}

Expected expect_full(const LogitRule& rule, const HeadCase& c) {
  return expect(rule, c, reference::full_seen(c.reference_head()));
}

Expected expect_lsh(const AttentionSemantics& semantics, const HashPlan& plan, const HeadCase& c) {
  return expect(semantics.lsh, c, reference::lsh_seen(semantics, plan, c.reference_head()));
}

std::string mismatches(const Attended& actual, const Expected& expected) {
  const std::pair<const char*, testing::AssertionResult> checks[] = {
      {"out", all_within(actual.out, expected.out, expected.out_bound)},
      {"lse", row_within(actual.lse, expected.lse, expected.lse_bound)},
      {"dqk", all_within(actual.dqk, expected.dqk, expected.dqk_bound)},
      {"dv", all_within(actual.dv, expected.dv, expected.dv_bound)}};
  std::string bad;
  for (const auto& [what, result] : checks) {
    if (!result) bad += fmt::format("\n {}:{}", what, result.message());
  }
  return bad;
}

void compare(const std::string& name, const Attended& actual, const Expected& expected) {
  const std::string bad = mismatches(actual, expected);
  EXPECT_TRUE(bad.empty()) << name << bad;
}

HashPlan hashed_plan(uint64_t seed, int64_t length, int64_t rounds, int64_t buckets,
                     int64_t chunk_length) {
  constexpr int64_t kDim = 6;
  Slice vectors(random_rows({.seed = seed, .example = 4}, length, kDim), 0);
  Slice rotations(random_rows({.seed = seed, .example = 5}, kDim, rounds * buckets / 2), 0);
  HashPlan plan;
  PlanScratch scratch;
  make_plan(vectors.view(), rotations.view(), rounds, buckets, chunk_length, plan, scratch);
  return plan;
}

HashPlan overflowing_plan(uint64_t seed, int64_t length, int64_t rounds, int64_t buckets,
                          int64_t chunk_length) {
  const RandomStream stream({.seed = seed, .example = 6});
  std::vector<int32_t> bucket(static_cast<size_t>(rounds * length));
  for (uint64_t i = 0; i < bucket.size(); ++i) {
    const bool crowded = stream.below(2 * i, 4) != 0;
    const auto any = static_cast<int32_t>(stream.below(2 * i + 1, static_cast<uint32_t>(buckets)));
    bucket[i] = crowded ? static_cast<int32_t>(buckets) / 2 : any;
  }
  return plan_from_buckets(std::move(bucket), length, rounds, buckets, chunk_length);
}

std::string describe(const HeadCase& c, const HashPlan* plan) {
  std::string text = fmt::format("{}{} rows {}..{} T={} D={}", c.causal ? "causal" : "all",
                                 c.valid.empty() ? "" : " padded", c.queries.begin, c.queries.end,
                                 c.length(), c.dim());
  if (plan == nullptr) return text + " full";
  return text + fmt::format(" R={} N={} S={}", plan->rounds, plan->buckets, plan->chunk_length);
}

}  // namespace reformer::test
