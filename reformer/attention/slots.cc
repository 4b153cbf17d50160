#include "reformer/attention/slots.h"

#include <algorithm>
#include <numeric>

#include "reformer/attention/ahead.h"
#include "reformer/attention/keys.h"

namespace reformer {
namespace {

constexpr int64_t kPadding = 16;  // elements that may be read beyond the last
// e^-x is 0 in float from here on, so a key under such a penalty has no weight beside one without.
constexpr double kVanishingPenalty = 1e4;

}  // namespace

void PositionFacts::set(const AttentionSemantics& semantics, const HashPlan& plan,
                        ConstMatrixView qk) {
  const bool counts = semantics.correct_duplicates && plan.rounds > 1;
  facts_.reshape(plan.length, counts ? 1 + plan.rounds : 1);
  for (int64_t t = 0; t < plan.length; ++t) {
    if (t % kRowsAhead == 0) ask_for_next_rows(qk, t);
    const float factor = key_factor(semantics.lsh.key_norm, qk.row(t), qk.cols);
    facts_.row(t)[0] = std::bit_cast<uint32_t>(factor);
  }
  find_starts(plan);
  if (counts) set_codes(semantics.other_bucket, plan);
}

void PositionFacts::find_starts(const HashPlan& plan) {
  starts_of_round_ = static_cast<size_t>(plan.buckets) + 1;
  starts_.assign(static_cast<size_t>(plan.rounds) * starts_of_round_, 0);
  for (int64_t r = 0; r < plan.rounds; ++r) {
    int32_t* start = starts_.data() + static_cast<size_t>(r) * starts_of_round_;
    const int32_t* bucket = plan.bucket_of(r);
    for (int64_t t = 0; t < plan.length; ++t) ++start[bucket[t] + 1];
    std::partial_sum(start, start + starts_of_round_, start);
  }
}

void PositionFacts::set_codes(OtherBucketRule other_bucket, const HashPlan& plan) {
  const auto chunk = static_cast<int32_t>(plan.chunk_length);
  for (int64_t r = 0; r < plan.rounds; ++r) {
    const std::span<const int32_t> start = starts(r);
    shift_.assign(static_cast<size_t>(plan.buckets), 1);
    int32_t next = 1;  // codes are at most 2 T + G
    for (size_t b = 0; b + 1 < start.size() && other_bucket != OtherBucketRule::allowed; ++b) {
      if (start[b] == start[b + 1]) continue;
      shift_[b] = next - start[b] / chunk;
      next = shift_[b] + (start[b + 1] - 1) / chunk + 2;
    }
    const int32_t* bucket = plan.bucket_of(r);
    const int32_t* place = plan.place_of(r);
    for (int64_t t = 0; t < plan.length; ++t) {
      const int32_t code = shift_[static_cast<size_t>(bucket[t])] + place[t] / chunk;
      facts_.row(t)[1 + r] = static_cast<uint32_t>(code);
    }
  }
}

void SortedSlots::fill(const HashPlan& plan, const PositionFacts& facts, int64_t round,
                       int64_t place, int64_t n, int64_t slot) {
  std::copy_n(plan.order_of(round) + place, n, position.begin() + slot);
  const std::span<const int32_t> starts = facts.starts(round);
  // The last bucket that starts no later: those before it with the same start are empty.
  auto b = static_cast<size_t>(std::ranges::upper_bound(starts, place) - starts.begin() - 1);
  for (int64_t i = 0; i < n; ++i) {
    while (place + i >= starts[b + 1]) ++b;
    bucket[static_cast<size_t>(slot + i)] = static_cast<int32_t>(b);
  }
}

void SortedSlots::sort(const HashPlan& plan, const HeadInput& in, const PositionFacts& facts,
                       int64_t round, int64_t first, int64_t last) {
  const int64_t s = plan.chunk_length;
  count = s * (last - first + 1);
  const auto padded = static_cast<size_t>(count + kPadding);
  for (std::vector<int32_t>* values : {&position, &visible_from, &bucket}) values->resize(padded);
  bucket_start.resize(static_cast<size_t>(count));

  const int64_t before = first > 0 ? round : (round + plan.rounds - 1) % plan.rounds;
  const int64_t before_end = first > 0 ? first * s : plan.length;
  fill(plan, facts, before, before_end - s, s, 0);
  if (before != round) {
    for (int64_t i = 0; i < s; ++i)
      bucket[static_cast<size_t>(i)] = -1 - bucket[static_cast<size_t>(i)];
  }
  fill(plan, facts, round, first * s, count - s, s);
  for (int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<size_t>(i);
    visible_from[at] = in.visible_from(position[at]);
    // The ring's joint begins a bucket anew: keys from before it never come earlier in the
    // sequence.
    const bool joint = i == s && first == 0;
    const bool continues = i != 0 && !joint && bucket[at] == bucket[at - 1];
    bucket_start[at] = continues ? bucket_start[at - 1] : static_cast<int32_t>(i);
  }
  codes.resize(facts.has_codes() ? static_cast<size_t>(plan.rounds) * padded : 0);
  for (int64_t i = 0; i < count && facts.has_codes(); ++i) {
    const uint32_t* of_position = facts.codes(position[static_cast<size_t>(i)]);
    int32_t* to = codes.data() + i;
    for (int64_t r = 0; r < plan.rounds; ++r, to += padded)
      *to = static_cast<int32_t>(of_position[r]);
  }
}

LogitColumns SortedSlots::columns(int64_t rounds) const {
  return {.position = position.data(),
          .visible_from = visible_from.data(),
          .bucket = bucket.data(),
          .codes = codes.empty() ? nullptr : codes.data(),
          .rounds = rounds,
          .code_stride = count + kPadding};
}

void SortedSlots::find_rows(const AttentionSemantics& semantics, const HashPlan& plan,
                            const HeadInput& in, std::vector<SoftmaxRow>& rows) const {
  const int64_t s = plan.chunk_length;
  // The only chunk is not its own predecessor.
  const bool has_predecessor = plan.rounds * plan.chunks() > 1;
  rows.clear();
  for (int64_t slot = s; slot < count; ++slot) {
    const auto at = static_cast<size_t>(slot);
    if (position[at] < in.queries.begin || position[at] >= in.queries.end) continue;
    const int64_t chunk_begin = slot / s * s;
    const int64_t window_begin = has_predecessor ? chunk_begin - s : chunk_begin;
    const int64_t start = std::max<int64_t>(window_begin, bucket_start[at]);
    // With a vanishing penalty the same holds as where other buckets are forbidden, as long as the
    // query has a key of its bucket beside itself.
    const bool same_bucket_only =
        semantics.other_bucket == OtherBucketRule::forbidden ||
        (semantics.other_bucket == OtherBucketRule::subtract &&
         semantics.other_bucket_value >= kVanishingPenalty && start < slot);
    SoftmaxRow row;
    row.own = static_cast<int32_t>(slot);
    row.position = position[at];
    row.tested = !(in.causal && in.valid.empty() && same_bucket_only);
    row.begin = static_cast<int32_t>(row.tested ? window_begin : start);
    row.end = static_cast<int32_t>(row.tested ? chunk_begin + s : slot + 1);
    rows.push_back(row);
  }
}

}  // namespace reformer
