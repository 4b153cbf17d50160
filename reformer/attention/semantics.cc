#include "reformer/attention/semantics.h"

#include "reformer/base/error.h"

namespace reformer {
namespace {

// Unit keys, scale 1 and no attention to oneself in both paths: the one meaning under which a
// model trained with LSH attention means the same thing to full attention.
AttentionSemantics consistent() { return {}; }

// reformer_fastai, January 2021: LSH scales twice (unit keys and 1 / sqrt(D)), full only once.
// Its published LSH runs fixed the seed of the rotations, hence no variation at all.
AttentionSemantics seed_report() {
  AttentionSemantics s;
  s.full = {KeyNorm::none, LogitScale::inverse_sqrt_dim, OwnRule::replace, -1e4};
  s.lsh = {KeyNorm::unit, LogitScale::inverse_sqrt_dim, OwnRule::replace, -1e4};
  s.rotations_per_step = s.rotations_per_head = s.rotations_per_example = false;
  return s;
}

// tensor2tensor, 25 September 2019, the code of record of the paper: full attention may attend to
// itself; under LSH the penalty for another bucket is weaker than the one for oneself.
AttentionSemantics paper() {
  AttentionSemantics s;
  s.full = {KeyNorm::none, LogitScale::inverse_sqrt_dim, OwnRule::allowed, 0};
  s.lsh = {KeyNorm::unit, LogitScale::one, OwnRule::subtract, 1e6};
  s.other_bucket = OtherBucketRule::subtract;
  s.other_bucket_value = 1e5;
  s.buckets_per_chunk = 2;
  s.chunk_length = 32;
  return s;
}

// reformer-pytorch 1.4.4, with its defaults: other buckets allowed, duplicates not corrected.
AttentionSemantics lucidrains() {
  AttentionSemantics s;
  s.full = s.lsh = {KeyNorm::unit, LogitScale::inverse_sqrt_dim, OwnRule::replace, -5e4};
  s.other_bucket = OtherBucketRule::allowed;
  s.correct_duplicates = false;
  s.rotations_per_head = s.rotations_per_example = false;
  return s;
}

AttentionSemantics trax() {
  AttentionSemantics s;
  s.full = s.lsh = {KeyNorm::unit, LogitScale::one, OwnRule::subtract, 1e5};
  s.other_bucket = OtherBucketRule::allowed;
  s.correct_duplicates = false;
  s.buckets_per_chunk = 2;
  return s;
}

// Hugging Face's Reformer is trax but for two things: the own logit is replaced, not lowered, and
// one set of rotations serves the whole batch.
AttentionSemantics huggingface() {
  AttentionSemantics s = trax();
  s.full = s.lsh = {KeyNorm::unit, LogitScale::one, OwnRule::replace, -1e5};
  s.rotations_per_example = false;
  return s;
}

struct Preset {
  const char* name;
  AttentionSemantics (*make)();
};
constexpr Preset kPresets[] = {
    {"consistent", consistent}, {"seed", seed_report}, {"paper", paper},
    {"lucidrains", lucidrains}, {"trax", trax},        {"huggingface", huggingface}};

}  // namespace

const std::vector<std::string>& semantics_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const Preset& preset : kPresets) out.emplace_back(preset.name);
    return out;
  }();
  return names;
}

AttentionSemantics semantics_preset(std::string_view name) {
  for (const Preset& preset : kPresets) {
    if (name == preset.name) return preset.make();
  }
  fail("semantics", "expected one of {}, found '{}'{}", fmt::join(semantics_names(), ", "), name,
       did_you_mean(name, semantics_names()));
}

}  // namespace reformer
