// What attention does, in numbers that people watch. None of it takes part in training.
#pragma once

#include <cstdint>
#include <vector>

#include "reformer/attention/candidates.h"
#include "reformer/attention/head_input.h"
#include "reformer/attention/plan.h"
#include "reformer/attention/semantics.h"

namespace reformer {

// Of the queries, how many share a bucket in at least one round with the key `distance` positions
// before them. Whether the key is also in reach, in the query's chunk or the one before, is another
// matter: see count_lost_pairs().
int64_t count_shared_buckets(const HashPlan& plan, QueryRange queries, int64_t distance);

// Entropy, natural logarithm, of what one query gives to each key: the sum of -p log p over the
// positions that it sees, where p adds up the probabilities of all rounds. 0: all on one key; log
// n: spread evenly over n.   `seen`: the candidates of the query. In double: for samples, not for
// speed.
double attention_entropy(const LogitRule& rule, const HeadInput& in, int64_t query,
                         const reference::Candidates& seen);

// What a query gives to a key: the probabilities of all rounds added up.
struct KeyWeight {
  int64_t key = 0;
  double weight = 0;
};

// Of every key that the query sees, by ascending key; they sum to 1. Arguments and cost as above.
std::vector<KeyWeight> attention_weights(const LogitRule& rule, const HeadInput& in, int64_t query,
                                         const reference::Candidates& seen);

// Of the queries, how many find the key `distance` positions before them in at least one of the
// rounds [first, last): in their bucket, and in their bucket and in reach.
struct KeysFound {
  int64_t same_bucket = 0, met = 0;
};
KeysFound count_keys_found(const HashPlan& plan, int64_t first, int64_t last, QueryRange queries,
                           int64_t distance);

// One round of a plan in numbers.
struct RoundMeasures {
  int64_t used_buckets = 0;    // that hold a position
  int64_t largest_bucket = 0;  // positions in the fullest
  int64_t pairs = 0;       // of a query and a key (not later, if causal; not itself) in one bucket
  int64_t lost_pairs = 0;  // of these, see count_lost_pairs()
};
RoundMeasures measure_round(const HashPlan& plan, int64_t round, bool causal);

}  // namespace reformer
