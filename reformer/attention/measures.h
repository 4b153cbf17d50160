// What attention does, in numbers that people watch. None of it takes part in training.
#pragma once

#include <cstdint>

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

}  // namespace reformer
