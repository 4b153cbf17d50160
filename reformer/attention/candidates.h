// Which keys a query attends to, listed one by one from the definitions; for the reference
// (reference.h), for tests and for showing a plan.
#pragma once

#include <cstdint>
#include <vector>

#include "reformer/attention/plan.h"
#include "reformer/attention/semantics.h"

namespace reformer::reference {

// Which keys a query may see at all.
struct Sight {
  std::vector<uint8_t> valid;  // [T] 0 for padding, which only itself may attend to; or empty
  bool causal = true;
};

// One key in the window of a query. The same key may be there twice, see lsh_candidates.
struct Candidate {
  int64_t key = 0;        // its position
  bool own = false;       // it is the query itself
  double subtracted = 0;  // from its logit: for another bucket, and log N for duplicates
};

// The candidates of one query in every hash round; full attention has one round.
using Candidates = std::vector<std::vector<Candidate>>;

// Every position that the query may see.
Candidates full_candidates(const Sight& sight, int64_t length, int64_t query);

// In every round the slots of the query's chunk and of the chunk before. The chunks of all rounds
// form a ring, so the one before a round's first is the last of the round before, and its keys are
// of other buckets by definition unless there is only one round. If there is one chunk in all, it
// is not its own predecessor. Kitaev et al. 2020, section 2.
Candidates lsh_candidates(const AttentionSemantics& semantics, const HashPlan& plan,
                          const Sight& sight, int64_t query);

// The number of rounds in which the pair meets: the key is in the query's chunk or in the one
// before within the round and, unless other buckets are allowed, in its bucket.
int64_t count_meetings(const HashPlan& plan, OtherBucketRule other_bucket, int64_t query,
                       int64_t key);

}  // namespace reformer::reference
