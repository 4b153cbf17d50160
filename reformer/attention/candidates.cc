#include "reformer/attention/candidates.h"

#include <algorithm>
#include <cmath>

namespace reformer::reference {
namespace {

bool may_see(const Sight& sight, int64_t query, int64_t key) {
  if (key == query) return true;
  if (sight.causal && key > query) return false;
  return sight.valid.empty() || sight.valid[static_cast<size_t>(key)] != 0;
}

int64_t chunk_of(const HashPlan& plan, int64_t round, int64_t position) {
  return plan.place_of(round)[position] / plan.chunk_length;
}

}  // namespace

Candidates full_candidates(const Sight& sight, int64_t length, int64_t query) {
  Candidates result(1);
  for (int64_t key = 0; key < length; ++key) {
    if (may_see(sight, query, key)) result[0].push_back({.key = key, .own = key == query});
  }
  return result;
}

int64_t count_meetings(const HashPlan& plan, OtherBucketRule other_bucket, int64_t query,
                       int64_t key) {
  int64_t meetings = 0;
  for (int64_t r = 0; r < plan.rounds; ++r) {
    const Meeting meeting = meeting_of(plan, r, query, key);
    const bool counts = meeting.same_bucket || other_bucket == OtherBucketRule::allowed;
    if (meeting.in_reach && counts) ++meetings;
  }
  return meetings;
}

Candidates lsh_candidates(const AttentionSemantics& semantics, const HashPlan& plan,
                          const Sight& sight, int64_t query) {
  const int64_t all_chunks = plan.rounds * plan.chunks();
  Candidates result(static_cast<size_t>(plan.rounds));
  for (int64_t r = 0; r < plan.rounds; ++r) {
    const int64_t own_chunk = r * plan.chunks() + chunk_of(plan, r, query);
    std::vector<int64_t> window = {own_chunk};
    if (all_chunks > 1) window.push_back((own_chunk + all_chunks - 1) % all_chunks);
    for (const int64_t chunk : window) {
      const int64_t key_round = chunk / plan.chunks();
      const int64_t first = chunk % plan.chunks() * plan.chunk_length;
      for (int64_t place = first; place < first + plan.chunk_length; ++place) {
        const int64_t key = plan.order_of(key_round)[place];
        if (!may_see(sight, query, key)) continue;
        const bool same_bucket =
            key_round == r && plan.bucket_of(r)[key] == plan.bucket_of(r)[query];
        if (!same_bucket && semantics.other_bucket == OtherBucketRule::forbidden) continue;
        Candidate c{.key = key, .own = key == query};
        if (!same_bucket && semantics.other_bucket == OtherBucketRule::subtract) {
          c.subtracted += semantics.other_bucket_value;
        }
        if (semantics.correct_duplicates) {
          const int64_t n = count_meetings(plan, semantics.other_bucket, query, key);
          c.subtracted += std::log(static_cast<double>(std::max<int64_t>(n, 1)));
        }
        result[static_cast<size_t>(r)].push_back(c);
      }
    }
  }
  return result;
}

}  // namespace reformer::reference
