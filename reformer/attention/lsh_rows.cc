#include "reformer/attention/lsh_rows.h"

#include <algorithm>
#include <limits>

#include "reformer/attention/own_rule.h"
#include "reformer/math/meetings.h"

namespace reformer {
namespace {

// e^-x is 0 in float from here on, so a key under such a penalty has no weight beside one without.
constexpr double kVanishingPenalty = 1e4;

}  // namespace

void meeting_codes(const HashPlan& plan, OtherBucketRule other_bucket,
                   std::vector<int32_t>& codes) {
  const auto stride = static_cast<int32_t>(plan.chunks() + 1);
  const auto chunk_length = static_cast<int32_t>(plan.chunk_length);
  codes.resize(plan.bucket.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    const int32_t bucket = other_bucket == OtherBucketRule::allowed ? 0 : plan.bucket[i];
    codes[i] = bucket * stride + plan.place[i] / chunk_length + 1;
  }
}

void sort_round(const HashPlan& plan, int64_t round, const std::vector<int32_t>& codes,
                SortedRound& sorted) {
  const int64_t s = plan.chunk_length;
  const int64_t slots = s + plan.length;
  const int64_t before = (round + plan.rounds - 1) % plan.rounds;
  sorted.round = round;
  sorted.position.resize(static_cast<size_t>(slots));
  std::copy_n(plan.order_of(before) + plan.length - s, s, sorted.position.begin());
  std::copy_n(plan.order_of(round), plan.length, sorted.position.begin() + s);

  sorted.bucket.resize(static_cast<size_t>(slots));
  sorted.bucket_start.resize(static_cast<size_t>(slots));
  for (int64_t i = 0; i < slots; ++i) {
    const auto at = static_cast<size_t>(i);
    const int64_t r = i < s ? before : round;
    sorted.bucket[at] =
        static_cast<int32_t>(r * plan.buckets) + plan.bucket_of(r)[sorted.position[at]];
    // The ring's joint begins a bucket anew: keys from before it never come earlier in the
    // sequence.
    const bool continues = i != 0 && i != s && sorted.bucket[at] == sorted.bucket[at - 1];
    sorted.bucket_start[at] = continues ? sorted.bucket_start[at - 1] : static_cast<int32_t>(i);
  }
  sorted.codes.resize(codes.empty() ? 0 : static_cast<size_t>(plan.rounds * slots));
  if (codes.empty()) return;
  for (int64_t r = 0; r < plan.rounds; ++r) {
    const int32_t* from = codes.data() + r * plan.length;
    int32_t* to = sorted.codes.data() + r * slots;
    for (int64_t i = 0; i < slots; ++i) to[i] = from[sorted.position[static_cast<size_t>(i)]];
  }
}

LshRows::LshRows(const AttentionSemantics& semantics, const HashPlan& plan, const HeadInput& in,
                 const SortedRound& sorted, int64_t chunk, std::span<const int32_t> own_slots,
                 std::vector<float>& weights)
    : semantics_(semantics),
      plan_(plan),
      in_(in),
      sorted_(sorted),
      own_slots_(own_slots),
      weights_(weights),
      first_slot_(chunk * plan.chunk_length),
      window_begin_(plan.rounds * plan.chunks() == 1 ? plan.chunk_length : 0),
      correct_duplicates_(!sorted.codes.empty()) {
  weights_.resize(static_cast<size_t>(2 * plan.chunk_length));
}

RowWindow LshRows::window(int64_t i) const {
  const int64_t own = own_slots_[static_cast<size_t>(i)];
  const int64_t start = std::max(window_begin_, sorted_.bucket_start[index(own)] - first_slot_);
  // With a vanishing penalty the same holds as where other buckets are forbidden, as long as the
  // query has a key of its bucket beside itself.
  const bool same_bucket_only = semantics_.other_bucket == OtherBucketRule::forbidden ||
                                (semantics_.other_bucket == OtherBucketRule::subtract &&
                                 semantics_.other_bucket_value >= kVanishingPenalty && start < own);
  if (in_.causal && in_.valid.empty() && same_bucket_only) return {start, own + 1, own, true};
  return {window_begin_, 2 * plan_.chunk_length, own, false};
}

bool LshRows::is_visible(int64_t slot, int64_t own) const {
  const int64_t key = position(slot);
  const int64_t query = position(own);
  if (key == query) return true;  // itself, or its copy from another round
  if (in_.causal && key > query) return false;
  return in_.valid.empty() || in_.valid[static_cast<size_t>(key)] != 0;
}

void LshRows::adjust(int64_t, const RowWindow& w, float* s) const {
  if (w.all_visible) return apply_own_rule(semantics_.lsh, s[w.own]);
  for (int64_t slot = w.begin; slot < w.end; ++slot) {
    const bool other_bucket = bucket(slot) != bucket(w.own);
    if (!is_visible(slot, w.own) ||
        (other_bucket && semantics_.other_bucket == OtherBucketRule::forbidden)) {
      s[slot] = -std::numeric_limits<float>::infinity();
      continue;
    }
    if (position(slot) == position(w.own)) apply_own_rule(semantics_.lsh, s[slot]);
    if (other_bucket && semantics_.other_bucket == OtherBucketRule::subtract) {
      s[slot] -= static_cast<float>(semantics_.other_bucket_value);
    }
  }
}

const float* LshRows::weight(int64_t, const RowWindow& w) const {
  if (!correct_duplicates_) return nullptr;
  const auto slots = static_cast<int64_t>(sorted_.position.size());
  int32_t query[kMaxRounds];
  for (int64_t r = 0; r < plan_.rounds; ++r) {
    query[r] = sorted_.codes[static_cast<size_t>(r * slots) + index(w.own)];
  }
  meeting_weights(sorted_.codes.data() + first_slot_, slots, query, plan_.rounds, w.begin, w.end,
                  weights_.data());
  return weights_.data() + w.begin;
}

void LshRows::freeze(int64_t, const RowWindow& w, float* ds) const {
  if (semantics_.lsh.own != OwnRule::replace) return;
  ds[w.own] = 0;
  if (w.all_visible) return;
  for (int64_t slot = w.begin; slot < w.end; ++slot) {
    if (position(slot) == position(w.own)) ds[slot] = 0;
  }
}

}  // namespace reformer
