#include "reformer/attention/measures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "reformer/attention/keys.h"
#include "reformer/base/error.h"
#include "reformer/math/rows.h"

namespace reformer {
namespace {

struct WeightedKey {
  int64_t key;
  double logit;
};

double logit_of(const LogitRule& rule, const HeadInput& in, int64_t query,
                const reference::Candidate& candidate) {
  double logit = rule.own_value;
  if (!candidate.own || rule.own != OwnRule::replace) {
    const float* key = in.qk.row(candidate.key);
    double product = row_dot(in.qk.row(query), key, in.qk.cols);
    if (rule.key_norm == KeyNorm::unit) {
      const double length = std::sqrt(row_dot(key, key, in.qk.cols));
      product = length < double{kShortestVector} ? 0 : product / length;
    }
    logit = product * double{logit_factor(rule.scale, in.qk.cols)};
    if (candidate.own && rule.own == OwnRule::subtract) logit -= rule.own_value;
  }
  return logit - candidate.subtracted;
}

}  // namespace

int64_t count_shared_buckets(const HashPlan& plan, QueryRange queries, int64_t distance) {
  REFORMER_CHECK(0 <= queries.begin - distance && queries.end <= plan.length && distance >= 0);
  int64_t count = 0;
  for (int64_t t = queries.begin; t < queries.end; ++t) {
    for (int64_t round = 0; round < plan.rounds; ++round) {
      const int32_t* bucket = plan.bucket_of(round);
      if (bucket[t] == bucket[t - distance]) {
        ++count;
        break;
      }
    }
  }
  return count;
}

double attention_entropy(const LogitRule& rule, const HeadInput& in, int64_t query,
                         const reference::Candidates& seen) {
  std::vector<WeightedKey> keys;
  double largest = -std::numeric_limits<double>::infinity();
  for (const auto& round : seen) {
    for (const reference::Candidate& candidate : round) {
      keys.push_back({candidate.key, logit_of(rule, in, query, candidate)});
      largest = std::max(largest, keys.back().logit);
    }
  }
  // A key of several rounds is one key. Logits take part so that sums have one order.
  std::ranges::sort(keys, {}, [](const WeightedKey& k) { return std::pair(k.key, k.logit); });
  double sum = 0, sum_of_logs = 0;  // of weights w, and of w log w
  for (size_t i = 0; i < keys.size();) {
    double weight = 0;
    for (const int64_t key = keys[i].key; i < keys.size() && keys[i].key == key; ++i) {
      weight += std::exp(keys[i].logit - largest);
    }
    sum += weight;
    if (weight > 0) sum_of_logs += weight * std::log(weight);
  }
  // p = w / sum: the sum of -p log p is log sum - (sum of w log w) / sum, and rounding must not
  // make it negative.
  return std::max(0.0, std::log(sum) - sum_of_logs / sum);
}

}  // namespace reformer
