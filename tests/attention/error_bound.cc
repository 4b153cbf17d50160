#include "tests/attention/error_bound.h"

#include <cmath>
#include <limits>

namespace reformer::test {
namespace {

using reference::Candidate;
using reference::Candidates;
using Vector = std::vector<double>;

constexpr double kEps = std::numeric_limits<float>::epsilon();
constexpr double kBf16Eps = 0x1p-9;
// Weights below e^-87 vanish in float.
constexpr double kVanishing = 1e-36;

Vector abs_of(Vector x) {
  for (double& value : x) value = std::abs(value);
  return x;
}

// One candidate of one query, over all rounds.
struct Term {
  size_t key = 0;
  bool frozen = false;        // the own rule replaced its logit
  double p = 0, p_error = 0;  // weight in the softmax over everything
  double logit_error = 0;
  Vector abs_key, abs_v;
};

double logit_error(const LogitRule& rule, const reference::Head<double>& head, int64_t query,
                   const Candidate& c, const Vector& abs_key, double operand_eps) {
  const Vector abs_q = abs_of(head.qk[static_cast<size_t>(query)]);
  const double products = reference::scale_of(rule, head) * reference::dot(abs_q, abs_key);
  const double constants = (c.own ? std::abs(rule.own_value) : 0) + c.subtracted;
  // The sum over D, the length of the key, the scale; then two additions.
  return kEps * ((2 * static_cast<double>(abs_q.size()) + 8) * products + 4 * constants) +
         2 * operand_eps * products;
}

std::vector<Term> terms_of(const LogitRule& rule, const reference::Head<double>& head,
                           int64_t query, const Candidates& candidates,
                           const reference::QueryAttention<double>& a, double operand_eps) {
  std::vector<Term> terms;
  double mean_error = 0;
  for (size_t r = 0; r < candidates.size(); ++r) {
    for (size_t i = 0; i < candidates[r].size(); ++i) {
      const Candidate& c = candidates[r][i];
      Term term;
      term.key = static_cast<size_t>(c.key);
      term.frozen = c.own && rule.own == OwnRule::replace;
      term.p = a.round_weight[r] * a.p[r][i];
      term.abs_key = abs_of(reference::key_of(rule.key_norm, head.qk[term.key]));
      term.abs_v = abs_of(head.v[term.key]);
      term.logit_error = logit_error(rule, head, query, c, term.abs_key, operand_eps);
      mean_error += term.p * term.logit_error;
      terms.push_back(term);
    }
  }
  // Numerator, denominator, the exponential, the sum, and the combination of the rounds.
  const double sums =
      kEps * (static_cast<double>(terms.size() + 8 * candidates.size()) + 16 + 4 * std::abs(a.lse));
  for (Term& term : terms) {
    term.p_error = term.p * (term.logit_error + mean_error + sums) + kVanishing;
  }
  return terms;
}

// |dx| error from that of the key:  dx = (dkey - key (key . dkey)) / |x|.
Vector through_key(KeyNorm norm, const Vector& x, const Vector& abs_dkey, Vector error) {
  if (norm == KeyNorm::none) return error;
  const Vector key = abs_of(reference::key_of(norm, x));
  const double relative = kEps * (2 * static_cast<double>(x.size()) + 8);
  reference::add_scaled(error, relative, abs_dkey);
  const double along = reference::dot(key, error) + relative * reference::dot(key, abs_dkey);
  reference::add_scaled(error, along, key);
  for (double& value : error) value *= reference::inverse_length(x);
  return error;
}

}  // namespace

ErrorBound error_bound(const LogitRule& rule, const reference::Head<double>& head,
                       const std::vector<Candidates>& seen, const Table& dout,
                       Precision precision) {
  const double operand_eps = precision == Precision::bf16 ? kBf16Eps : 0;
  const size_t length = head.qk.size();
  const size_t dim = head.qk[0].size();
  const double scale = reference::scale_of(rule, head);
  const Table zero(length, Vector(dim, 0.0));
  ErrorBound bound{{}, {}, zero, zero};
  Table dkey_error = zero, abs_dkey = zero;
  // A gradient is a sum over all queries and rounds that see the key, and over D.
  const double long_sum =
      kEps * static_cast<double>(length * (seen.empty() ? 0 : seen[0].size()) + dim + 16) +
      operand_eps;
  for (size_t i = 0; i < seen.size(); ++i) {
    const int64_t query = head.queries.begin + static_cast<int64_t>(i);
    const auto t = static_cast<size_t>(query);
    const auto a = reference::attend(rule, head, query, seen[i]);
    const std::vector<Term> terms = terms_of(rule, head, query, seen[i], a, operand_eps);

    Vector out_error(dim, 0.0), abs_out(dim, 0.0);
    double lse_error = kEps * (static_cast<double>(terms.size()) + 16 + 4 * std::abs(a.lse));
    for (const Term& term : terms) {
      reference::add_scaled(abs_out, term.p, term.abs_v);
      reference::add_scaled(out_error, term.p_error, term.abs_v);
      lse_error += term.p * term.logit_error;
    }
    reference::add_scaled(out_error, kEps * static_cast<double>(terms.size() + 16) + operand_eps,
                          abs_out);
    bound.out.push_back(out_error);
    bound.lse.push_back(lse_error);

    const Vector abs_g = abs_of(dout[i]);
    const Vector abs_q = abs_of(head.qk[t]);
    const double per_dot = kEps * static_cast<double>(dim + 4);
    const double delta = reference::dot(dout[i], a.out);
    const double delta_error =
        reference::dot(abs_g, out_error) + per_dot * reference::dot(abs_g, abs_out);
    for (const Term& term : terms) {
      reference::add_scaled(bound.dv[term.key], term.p_error + term.p * long_sum, abs_g);
      if (term.frozen) continue;
      const double dp = reference::dot(dout[i], head.v[term.key]);
      const double dp_error = per_dot * reference::dot(abs_g, term.abs_v) + delta_error;
      const double abs_ds = term.p * (std::abs(dp) + std::abs(delta));
      const double ds_error =
          term.p_error * (std::abs(dp) + std::abs(delta)) + term.p * dp_error + abs_ds * long_sum;
      reference::add_scaled(bound.dqk[t], scale * (ds_error + abs_ds * (per_dot + operand_eps)),
                            term.abs_key);
      reference::add_scaled(dkey_error[term.key], scale * ds_error, abs_q);
      reference::add_scaled(abs_dkey[term.key], scale * abs_ds, abs_q);
    }
  }
  for (size_t j = 0; j < length; ++j) {
    const Vector error = through_key(rule.key_norm, head.qk[j], abs_dkey[j], dkey_error[j]);
    reference::add_scaled(bound.dqk[j], 1.0, error);
  }
  return bound;
}

}  // namespace reformer::test
