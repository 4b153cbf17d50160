// Attention of one head written from its definitions: every query lists the keys it may attend to
// and goes through them one by one. Slow and plain, in any floating type; the production code
// (full.h, lsh.h) is proved against it and shares none of its tricks.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "reformer/attention/candidates.h"
#include "reformer/attention/head_input.h"
#include "reformer/attention/keys.h"
#include "reformer/attention/plan.h"
#include "reformer/attention/semantics.h"

namespace reformer::reference {

template <class Real>
using Row = std::vector<Real>;
template <class Real>
using Rows = std::vector<Row<Real>>;

// What an operand of a product becomes where operands are rounded; no function: itself.
template <class Real>
using Rounding = std::function<Real(Real)>;

template <class Real>
Row<Real> rounded(const Rounding<Real>& round, Row<Real> x) {
  if (!round) return x;
  for (Real& value : x) value = round(value);
  return x;
}

// What one head attends with.
template <class Real>
struct Head {
  Rows<Real> qk;  // [T, D] shared queries and keys
  Rows<Real> v;   // [T, D]
  Sight sight;
  QueryRange queries;         // rows whose output is wanted
  Rounding<Real> round = {};  // of operands in `attend`; `backward` knows none
};

template <class Real>
struct Output {
  Rows<Real> out;  // [M, D] with M = queries.size()
  Row<Real> lse;   // [M], natural log of the sum of e^logit over all rounds
};

template <class Real>
struct Gradient {
  Rows<Real> dqk, dv;  // [T, D]
};

template <class Real>
Real dot(const Row<Real>& a, const Row<Real>& b) {
  Real sum = 0;
  for (size_t d = 0; d < a.size(); ++d) sum += a[d] * b[d];
  return sum;
}

// y += factor * x.
template <class Real>
void add_scaled(Row<Real>& y, Real factor, const Row<Real>& x) {
  for (size_t d = 0; d < y.size(); ++d) y[d] += factor * x[d];
}

// 1 / |x|, or 0 for a vector without a direction.
template <class Real>
Real inverse_length(const Row<Real>& x) {
  const Real length = std::sqrt(dot(x, x));
  return length < static_cast<Real>(kShortestVector) ? Real{0} : 1 / length;
}

// The key of a position: x, or x / |x|.
template <class Real>
Row<Real> key_of(KeyNorm norm, Row<Real> x) {
  if (norm == KeyNorm::none) return x;
  const Real factor = inverse_length(x);
  for (Real& component : x) component *= factor;
  return x;
}

// Gradient of x from that of its key:  key = x / |x|,  dx = (dkey - key (key . dkey)) / |x|.
template <class Real>
Row<Real> key_backward(KeyNorm norm, const Row<Real>& x, Row<Real> dkey) {
  if (norm == KeyNorm::none) return dkey;
  const Row<Real> key = key_of(norm, x);
  add_scaled(dkey, -dot(key, dkey), key);
  for (Real& component : dkey) component *= inverse_length(x);
  return dkey;
}

template <class Real>
Real scale_of(const LogitRule& rule, const Head<Real>& head) {
  const auto dim = static_cast<Real>(head.qk[0].size());
  return rule.scale == LogitScale::one ? Real{1} : 1 / std::sqrt(dim);
}

// The logit of one candidate: product, scale, own rule, and what is subtracted.
template <class Real>
Real logit(const LogitRule& rule, const Head<Real>& head, int64_t query, const Candidate& c) {
  Row<Real> q = head.qk[static_cast<size_t>(query)];
  for (Real& component : q) component *= scale_of(rule, head);
  const Row<Real> key = key_of(rule.key_norm, head.qk[static_cast<size_t>(c.key)]);
  Real s = dot(rounded(head.round, q), rounded(head.round, key));
  if (c.own && rule.own == OwnRule::replace) s = static_cast<Real>(rule.own_value);
  if (c.own && rule.own == OwnRule::subtract) s -= static_cast<Real>(rule.own_value);
  return s - static_cast<Real>(c.subtracted);
}

// log(sum of e^x).
template <class Real>
Real log_sum_exp(const Row<Real>& x) {
  const Real most = *std::max_element(x.begin(), x.end());
  Real sum = 0;
  for (const Real value : x) sum += std::exp(value - most);
  return most + std::log(sum);
}

// e^x / (sum of e^x).
template <class Real>
Row<Real> softmax(Row<Real> x) {
  const Real lse = log_sum_exp(x);
  for (Real& value : x) value = std::exp(value - lse);
  return x;
}

// One query's attention and all that leads to it.
template <class Real>
struct QueryAttention {
  Rows<Real> p;            // [R][candidates] softmax within a round
  Rows<Real> round_out;    // [R, D]
  Row<Real> round_lse;     // [R]
  Row<Real> round_weight;  // [R] softmax of round_lse
  Row<Real> out;           // [D]
  Real lse;
};

template <class Real>
QueryAttention<Real> attend(const LogitRule& rule, const Head<Real>& head, int64_t query,
                            const Candidates& candidates) {
  const size_t dim = head.v[0].size();
  QueryAttention<Real> a;
  for (const auto& round : candidates) {
    Row<Real> logits;
    for (const Candidate& c : round) logits.push_back(logit(rule, head, query, c));
    a.round_lse.push_back(log_sum_exp(logits));
    a.p.push_back(softmax(logits));
    a.round_out.emplace_back(dim, Real{0});
    const Real most = *std::max_element(a.p.back().begin(), a.p.back().end());
    for (size_t i = 0; i < round.size(); ++i) {
      // Weights are rounded when they are e^(logit - largest logit).
      const Real weight = head.round ? most * head.round(a.p.back()[i] / most) : a.p.back()[i];
      add_scaled(a.round_out.back(), weight,
                 rounded(head.round, head.v[static_cast<size_t>(round[i].key)]));
    }
  }
  a.round_weight = softmax(a.round_lse);
  a.lse = log_sum_exp(a.round_lse);
  a.out.assign(dim, Real{0});
  for (size_t r = 0; r < candidates.size(); ++r) {
    add_scaled(a.out, a.round_weight[r], a.round_out[r]);
  }
  return a;
}

// `seen` holds the candidates of every wanted query.
template <class Real>
Output<Real> forward(const LogitRule& rule, const Head<Real>& head,
                     const std::vector<Candidates>& seen) {
  Output<Real> result;
  for (size_t i = 0; i < seen.size(); ++i) {
    const auto a = attend(rule, head, head.queries.begin + static_cast<int64_t>(i), seen[i]);
    result.out.push_back(a.out);
    result.lse.push_back(a.lse);
  }
  return result;
}

// Gradients of the sum of dout * out, line by line the derivative of `attend`.   dout: [M, D]
template <class Real>
Gradient<Real> backward(const LogitRule& rule, const Head<Real>& head,
                        const std::vector<Candidates>& seen, const Rows<Real>& dout) {
  const Rows<Real> zero(head.qk.size(), Row<Real>(head.qk[0].size(), Real{0}));
  Gradient<Real> gradient{zero, zero};
  Rows<Real> dkey = zero;
  const Real scale = scale_of(rule, head);
  for (size_t i = 0; i < seen.size(); ++i) {
    const int64_t query = head.queries.begin + static_cast<int64_t>(i);
    const auto t = static_cast<size_t>(query);
    const auto a = attend(rule, head, query, seen[i]);
    for (size_t r = 0; r < seen[i].size(); ++r) {
      // out = sum over r of round_weight[r] * round_out[r], round_weight = softmax(round_lse)
      const Real dround_lse =
          a.round_weight[r] * (dot(dout[i], a.round_out[r]) - dot(dout[i], a.out));
      for (size_t c = 0; c < seen[i][r].size(); ++c) {
        const auto j = static_cast<size_t>(seen[i][r][c].key);
        // round_out = sum over c of p[c] * v[c], p = softmax(logits)
        const Real p = a.p[r][c];
        add_scaled(gradient.dv[j], a.round_weight[r] * p, dout[i]);
        Real dlogit =
            a.round_weight[r] * p * (dot(dout[i], head.v[j]) - dot(dout[i], a.round_out[r]));
        // round_lse = log of the sum over c of e^logit
        dlogit += dround_lse * p;
        // logit = scale * q . key, unless the own rule replaced it by a constant
        if (seen[i][r][c].own && rule.own == OwnRule::replace) continue;
        add_scaled(gradient.dqk[t], dlogit * scale, key_of(rule.key_norm, head.qk[j]));
        add_scaled(dkey[j], dlogit * scale, head.qk[t]);
      }
    }
  }
  for (size_t j = 0; j < dkey.size(); ++j) {
    add_scaled(gradient.dqk[j], Real{1}, key_backward(rule.key_norm, head.qk[j], dkey[j]));
  }
  return gradient;
}

// The candidates of every wanted query under full attention.
template <class Real>
std::vector<Candidates> full_seen(const Head<Real>& head) {
  std::vector<Candidates> seen;
  for (int64_t t = head.queries.begin; t < head.queries.end; ++t) {
    seen.push_back(full_candidates(head.sight, static_cast<int64_t>(head.qk.size()), t));
  }
  return seen;
}

// The candidates of every wanted query under LSH attention with one plan.
template <class Real>
std::vector<Candidates> lsh_seen(const AttentionSemantics& semantics, const HashPlan& plan,
                                 const Head<Real>& head) {
  std::vector<Candidates> seen;
  for (int64_t t = head.queries.begin; t < head.queries.end; ++t) {
    seen.push_back(lsh_candidates(semantics, plan, head.sight, t));
  }
  return seen;
}

}  // namespace reformer::reference
