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

// e^(logit - largest) of every key, those of several rounds added up, by ascending key.
std::vector<KeyWeight> unscaled_weights(const LogitRule& rule, const HeadInput& in, int64_t query,
                                        const reference::Candidates& seen) {
  struct WeightedKey {
    int64_t key;
    double logit;
  };
  std::vector<WeightedKey> keys;
  double largest = -std::numeric_limits<double>::infinity();
  for (const auto& round : seen) {
    for (const reference::Candidate& candidate : round) {
      keys.push_back({candidate.key, logit_of(rule, in, query, candidate)});
      largest = std::max(largest, keys.back().logit);
    }
  }
  // Logits take part so that sums have one order.
  std::ranges::sort(keys, {}, [](const WeightedKey& k) { return std::pair(k.key, k.logit); });
  std::vector<KeyWeight> weights;
  for (const WeightedKey& key : keys) {
    if (weights.empty() || weights.back().key != key.key) weights.push_back({key.key, 0});
    weights.back().weight += std::exp(key.logit - largest);
  }
  return weights;
}

}  // namespace

// Every training step counts this, so it looks at buckets only.
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

KeysFound count_keys_found(const HashPlan& plan, int64_t first, int64_t last, QueryRange queries,
                           int64_t distance) {
  REFORMER_CHECK(0 <= first && last <= plan.rounds);
  REFORMER_CHECK(0 <= queries.begin - distance && queries.end <= plan.length && distance >= 0);
  KeysFound found;
  for (int64_t t = queries.begin; t < queries.end; ++t) {
    bool same_bucket = false, met = false;
    for (int64_t round = first; round < last && !met; ++round) {
      const Meeting meeting = meeting_of(plan, round, t, t - distance);
      same_bucket = same_bucket || meeting.same_bucket;
      met = meeting.met();
    }
    found.same_bucket += same_bucket ? 1 : 0;
    found.met += met ? 1 : 0;
  }
  return found;
}

double attention_entropy(const LogitRule& rule, const HeadInput& in, int64_t query,
                         const reference::Candidates& seen) {
  double sum = 0, sum_of_logs = 0;  // of weights w, and of w log w
  for (const auto& [key, weight] : unscaled_weights(rule, in, query, seen)) {
    sum += weight;
    if (weight > 0) sum_of_logs += weight * std::log(weight);
  }
  // p = w / sum: the sum of -p log p is log sum - (sum of w log w) / sum, and rounding must not
  // make it negative.
  return std::max(0.0, std::log(sum) - sum_of_logs / sum);
}

std::vector<KeyWeight> attention_weights(const LogitRule& rule, const HeadInput& in, int64_t query,
                                         const reference::Candidates& seen) {
  std::vector<KeyWeight> weights = unscaled_weights(rule, in, query, seen);
  double sum = 0;
  for (const KeyWeight& key : weights) sum += key.weight;
  for (KeyWeight& key : weights) key.weight /= sum;
  return weights;
}

RoundMeasures measure_round(const HashPlan& plan, int64_t round, bool causal) {
  std::vector<int64_t> sizes(static_cast<size_t>(plan.buckets));
  for (int64_t t = 0; t < plan.length; ++t) {
    ++sizes[static_cast<size_t>(plan.bucket_of(round)[t])];
  }
  RoundMeasures measures;
  for (const int64_t size : sizes) {
    measures.used_buckets += size > 0 ? 1 : 0;
    measures.largest_bucket = std::max(measures.largest_bucket, size);
    measures.pairs += size * (size - 1) / (causal ? 2 : 1);
  }
  measures.lost_pairs = count_lost_pairs_of_round(plan, round, causal);
  return measures;
}

}  // namespace reformer
