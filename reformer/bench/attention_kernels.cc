#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "reformer/attention/full.h"
#include "reformer/attention/lsh.h"
#include "reformer/attention/reference.h"
#include "reformer/bench/counts.h"
#include "reformer/bench/kernels.h"

namespace reformer {
namespace {

// One head: input, results, and what the second pass needs of the first.
struct Head {
  AttentionChoice attention;
  Matrix qk, v, dout, out, dqk, dv;
  PlanScratch scratch;
  std::vector<SoftmaxTotal> totals;
  HashPlan plan;
  AttentionWorkspace work;

  HeadInput input() const {
    return {qk.view(), v.view(), {}, {qk.rows() - out.rows(), qk.rows()}, attention.causal};
  }
  void forward() {
    if (attention.kind == AttentionKind::full) {
      full_forward(attention.semantics.full, input(), out, totals, work);
    } else {
      lsh_forward(attention.semantics, plan, input(), out, totals, work);
    }
  }
  void backward() {
    if (attention.kind == AttentionKind::full) {
      full_backward(attention.semantics.full, input(), out, totals, dout, dqk, dv, work);
    } else {
      lsh_backward(attention.semantics, plan, input(), out, totals, dout, dqk, dv, work);
    }
  }
};

std::shared_ptr<Head> make_head(const ModelConfig& config, const AttentionChoice& attention) {
  const int64_t t = config.length, d = config.head_dim, m = t / 2;
  auto head = std::make_shared<Head>();
  head->attention = attention;
  head->qk = random_matrix(t, d, 12);
  head->v = random_matrix(t, d, 13);
  head->dout = random_matrix(m, d, 14);
  head->out.reshape(m, d);
  head->dqk = Matrix(t, d);
  head->dv = Matrix(t, d);
  head->totals.resize(static_cast<size_t>(m));
  if (attention.kind == AttentionKind::lsh) {
    make_plan(head->qk, random_matrix(d, attention.hash_rounds * attention.buckets / 2, 15),
              attention.hash_rounds, attention.buckets, attention.chunk_length, head->plan,
              head->scratch);
  }
  head->forward();  // for the backward pass, and to make room
  return head;
}

reference::Rows<double> rows_of(const Matrix& m) {
  reference::Rows<double> rows;
  for (int64_t r = 0; r < m.rows(); ++r) rows.emplace_back(m.row(r), m.row(r) + m.cols());
  return rows;
}

double largest(const reference::Rows<double>& rows) {
  double most = 0;
  for (const auto& row : rows) {
    for (const double x : row) most = std::max(most, std::abs(x));
  }
  return most;
}

void compare(const Matrix& actual, const reference::Rows<double>& expected, double roundings,
             Worst& worst) {
  const double bound = kRounding * roundings * largest(expected);
  for (int64_t r = 0; r < actual.rows(); ++r) {
    for (int64_t c = 0; c < actual.cols(); ++c) {
      worst.add(actual.row(r)[c], expected[static_cast<size_t>(r)][static_cast<size_t>(c)], bound);
    }
  }
}

// A logit q . k with |k| = 1 is off by at most D roundings of |q|, and so is its exponential, each
// relatively; a sum over the keys adds one rounding for each.
double head_deviation(Head& head, bool backward) {
  const HeadInput in = head.input();
  const reference::Head<double> plain{
      rows_of(head.qk), rows_of(head.v), {{}, in.causal}, in.queries};
  const bool full = head.attention.kind == AttentionKind::full;
  const auto seen = full ? reference::full_seen(plain)
                         : reference::lsh_seen(head.attention.semantics, head.plan, plain);
  const LogitRule& rule = full ? head.attention.semantics.full : head.attention.semantics.lsh;
  const double keys = keys_of_a_query(head.attention, in.qk.rows, in.queries.size());
  double longest = 0;
  for (const auto& q : plain.qk) longest = std::max(longest, std::sqrt(reference::dot(q, q)));
  const double roundings = 2 * (static_cast<double>(in.qk.cols) * longest + keys);
  Worst worst;
  if (backward) {
    head.dqk.fill(0);
    head.dv.fill(0);
    head.backward();
    const auto expected = reference::backward(rule, plain, seen, rows_of(head.dout));
    compare(head.dqk, expected.dqk, roundings, worst);
    compare(head.dv, expected.dv, roundings, worst);
  } else {
    compare(head.out, reference::forward(rule, plain, seen).out, roundings, worst);
  }
  return worst.deviation();
}

Kernel head_kernel(const ModelConfig& config, AttentionChoice attention, bool backward) {
  attention.semantics = semantics_preset("consistent");
  const int64_t t = config.length, d = config.head_dim, m = t / 2;
  const auto make = [=] {
    auto head = make_head(config, attention);
    return KernelCase{[=] {
                        if (backward) {
                          head->backward();
                        } else {
                          head->forward();
                        }
                      },
                      [=] { return head_deviation(*head, backward); }};
  };
  const double operations = attention_operations(attention, t, m, d) * (backward ? 2 : 1) / 3;
  const double arrays = backward
                            ? 4.0 * static_cast<double>(t * d) + 2.0 * static_cast<double>(m * d)
                            : 2.0 * static_cast<double>(t * d) + static_cast<double>(m * d);
  return {fmt::format("{} attention, {}", attention.name(), backward ? "backward" : "forward"),
          fmt::format("{} of {} x {}", m, t, d), operations, 4 * arrays, make};
}

}  // namespace

std::vector<Kernel> attention_kernels(const ModelConfig& config,
                                      std::span<const std::string> attentions) {
  std::vector<Kernel> kernels;
  for (const std::string& name : attentions) {
    AttentionChoice attention = attention_of(config, 0);
    choose_attention(attention, name);
    kernels.push_back(head_kernel(config, attention, false));
    kernels.push_back(head_kernel(config, attention, true));
  }
  return kernels;
}

}  // namespace reformer
