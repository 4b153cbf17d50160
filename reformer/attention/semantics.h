// What "attention" means. The published programs differ in a handful of switches; here each is one
// field, and each program is one preset. A model is trained under one meaning and can be evaluated
// under any other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reformer/base/settings.h"

namespace reformer {

// The key that a query is compared with: as projected, or scaled to unit length.
enum class KeyNorm { none, unit };
// What the product of query and key is multiplied by: 1, or 1 / sqrt(D).
enum class LogitScale { one, inverse_sqrt_dim };
// Attending to oneself: like any key; the logit replaced by a constant; a constant subtracted.
enum class OwnRule { allowed, replace, subtract };
// A key in another bucket than the query (LSH only): like any; never; a constant subtracted.
enum class OtherBucketRule { allowed, forbidden, subtract };

template <>
struct EnumNames<KeyNorm> {
  static constexpr std::pair<KeyNorm, std::string_view> names[] = {{KeyNorm::none, "none"},
                                                                   {KeyNorm::unit, "unit"}};
};
template <>
struct EnumNames<LogitScale> {
  static constexpr std::pair<LogitScale, std::string_view> names[] = {
      {LogitScale::one, "one"}, {LogitScale::inverse_sqrt_dim, "inverse-sqrt-dim"}};
};
template <>
struct EnumNames<OwnRule> {
  static constexpr std::pair<OwnRule, std::string_view> names[] = {{OwnRule::allowed, "allowed"},
                                                                   {OwnRule::replace, "replace"},
                                                                   {OwnRule::subtract, "subtract"}};
};
template <>
struct EnumNames<OtherBucketRule> {
  static constexpr std::pair<OtherBucketRule, std::string_view> names[] = {
      {OtherBucketRule::allowed, "allowed"},
      {OtherBucketRule::forbidden, "forbidden"},
      {OtherBucketRule::subtract, "subtract"}};
};

// The logit of one query and one key, for one of the two ways to attend.
struct LogitRule {
  KeyNorm key_norm = KeyNorm::unit;
  LogitScale scale = LogitScale::one;
  OwnRule own = OwnRule::replace;
  double own_value = -1e4;  // the constant of OwnRule::replace, or the amount of ::subtract

  bool operator==(const LogitRule&) const = default;
};

struct AttentionSemantics {
  LogitRule full;
  LogitRule lsh;
  OtherBucketRule other_bucket = OtherBucketRule::forbidden;
  double other_bucket_value = 0;      // the amount of OtherBucketRule::subtract
  bool correct_duplicates = true;     // subtract log N from a pair that meets in N rounds
  bool rotations_per_step = true;     // fresh rotations at every training step
  bool rotations_per_head = true;     // each head hashes by its own
  bool rotations_per_example = true;  // each sequence hashes by its own
  double buckets_per_chunk = 1;       // N = buckets_per_chunk * G where a program derives N from T
  int64_t chunk_length = 64;          // S of the published run at T = 1024

  bool operator==(const AttentionSemantics&) const = default;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("full_key_norm", full.key_norm, "full attention: length of the keys");
    v("full_logit_scale", full.scale, "full attention: factor of the logits");
    v("full_own", full.own, "full attention: rule for attending to oneself");
    v("full_own_value", full.own_value, "full attention: constant of that rule");
    v("lsh_key_norm", lsh.key_norm, "LSH attention: length of the keys");
    v("lsh_logit_scale", lsh.scale, "LSH attention: factor of the logits");
    v("lsh_own", lsh.own, "LSH attention: rule for attending to oneself");
    v("lsh_own_value", lsh.own_value, "LSH attention: constant of that rule");
    v("other_bucket", other_bucket, "LSH attention: rule for keys of another bucket");
    v("other_bucket_value", other_bucket_value, "LSH attention: constant of that rule");
    v("correct_duplicates", correct_duplicates, "subtract log N from a pair that meets N times");
    v("rotations_per_step", rotations_per_step, "fresh rotations at every training step");
    v("rotations_per_head", rotations_per_head, "rotations differ between heads");
    v("rotations_per_example", rotations_per_example, "rotations differ between sequences");
    v("buckets_per_chunk", buckets_per_chunk, between(0.001, 1e6), "published ratio of N to G");
    v("chunk_length", chunk_length, at_least(1), "published chunk length S at T = 1024");
  }
};

// "consistent", "seed", "paper", "lucidrains", "trax", "huggingface".
const std::vector<std::string>& semantics_names();

// The preset of that name; an unknown name is an Error with the nearest one.
AttentionSemantics semantics_preset(std::string_view name);

}  // namespace reformer
