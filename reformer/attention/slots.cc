#include "reformer/attention/slots.h"

#include <algorithm>

namespace reformer {
namespace {

constexpr int64_t kPadding = 16;  // elements that may be read beyond the last
// e^-x is 0 in float from here on, so a key under such a penalty has no weight beside one without.
constexpr double kVanishingPenalty = 1e4;

}  // namespace

void meeting_codes(const HashPlan& plan, OtherBucketRule other_bucket,
                   std::vector<int32_t>& codes) {
  codes.resize(plan.bucket.size());
  for (int64_t r = 0; r < plan.rounds; ++r) {
    const int32_t* order = plan.order_of(r);
    const int32_t* bucket = plan.bucket_of(r);
    int32_t* code_of = codes.data() + r * plan.length;
    int32_t code = 0;  // at most 2 T + G
    for (int64_t place = 0; place < plan.length; ++place) {
      const bool new_bucket = place > 0 && other_bucket != OtherBucketRule::allowed &&
                              bucket[order[place]] != bucket[order[place - 1]];
      if (new_bucket) {
        code += 2;
      } else if (place % plan.chunk_length == 0) {
        ++code;
      }
      code_of[order[place]] = code;
    }
  }
}

void SortedSlots::sort(const HashPlan& plan, const HeadInput& in,
                       const std::vector<int32_t>& all_codes, int64_t round, int64_t first,
                       int64_t last) {
  const int64_t s = plan.chunk_length;
  count = s * (last - first + 1);
  const auto padded = static_cast<size_t>(count + kPadding);
  for (std::vector<int32_t>* values : {&position, &visible_from, &bucket}) values->resize(padded);
  bucket_start.resize(static_cast<size_t>(count));

  const int64_t before = first > 0 ? round : (round + plan.rounds - 1) % plan.rounds;
  const int64_t before_end = first > 0 ? first * s : plan.length;
  std::copy_n(plan.order_of(before) + before_end - s, s, position.begin());
  std::copy_n(plan.order_of(round) + first * s, count - s, position.begin() + s);
  for (int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<size_t>(i);
    const int64_t t = position[at];
    visible_from[at] = in.visible_from(t);
    const bool of_another_round = i < s && before != round;
    bucket[at] = of_another_round ? -1 - plan.bucket_of(before)[t] : plan.bucket_of(round)[t];
    // The ring's joint begins a bucket anew: keys from before it never come earlier in the
    // sequence.
    const bool joint = i == s && first == 0;
    const bool continues = i != 0 && !joint && bucket[at] == bucket[at - 1];
    bucket_start[at] = continues ? bucket_start[at - 1] : static_cast<int32_t>(i);
  }
  codes.resize(all_codes.empty() ? 0 : static_cast<size_t>(plan.rounds) * padded);
  for (int64_t r = 0; r < plan.rounds && !all_codes.empty(); ++r) {
    const int32_t* from = all_codes.data() + r * plan.length;
    int32_t* to = codes.data() + r * static_cast<int64_t>(padded);
    for (int64_t i = 0; i < count; ++i) to[i] = from[position[static_cast<size_t>(i)]];
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
