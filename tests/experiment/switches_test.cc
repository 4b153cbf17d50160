#include "reformer/experiment/switches.h"

#include <gtest/gtest.h>

#include <map>

namespace reformer {
namespace {

std::vector<std::string> names(const std::vector<SemanticSwitch>& switches) {
  std::vector<std::string> out;
  for (const SemanticSwitch& s : switches) out.push_back(s.name);
  return out;
}

TEST(Switches, EverySettingThatActsBelongsToExactlyOne) {
  std::map<std::string, int> count;
  for (const AttentionKind kind : {AttentionKind::full, AttentionKind::lsh}) {
    for (const SemanticSwitch& s : switches_of(kind)) {
      if (s.name.find('+') != std::string::npos) continue;
      for (const std::string& setting : s.settings) ++count[setting];
    }
  }
  AttentionSemantics semantics;
  for (const Setting& setting : settings_of(semantics)) {
    // What the published programs derive buckets and chunks from; an evaluation is given both.
    const bool shape = setting.name == "buckets_per_chunk" || setting.name == "chunk_length";
    EXPECT_EQ(count[setting.name], shape ? 0 : 1) << setting.name;
  }
}

TEST(Switches, ThoseThatDiffer) {
  const AttentionSemantics seed = semantics_preset("seed"), paper = semantics_preset("paper");
  EXPECT_EQ(names(differing_switches(seed, paper, AttentionKind::full)),
            std::vector<std::string>{"full_own"});
  EXPECT_EQ(names(differing_switches(seed, paper, AttentionKind::lsh)),
            (std::vector<std::string>{"lsh_logit_scale", "lsh_own", "other_bucket", "rotations"}));
  EXPECT_EQ(names(differing_switches(seed, semantics_preset("consistent"), AttentionKind::full)),
            (std::vector<std::string>{"full_key_norm", "full_logit_scale",
                                      "full_key_norm + full_logit_scale"}));
  EXPECT_TRUE(differing_switches(seed, seed, AttentionKind::lsh).empty());
}

TEST(Switches, FlippingAllThatDifferMakesTheOtherMeaning) {
  NamedSemantics from = named_preset("seed");
  AttentionSemantics to = semantics_preset("paper");
  for (const AttentionKind kind : {AttentionKind::full, AttentionKind::lsh}) {
    for (const SemanticSwitch& s : differing_switches(from.semantics, to, kind)) {
      from = flip(from, s, to);
    }
  }
  to.buckets_per_chunk = from.semantics.buckets_per_chunk;
  to.chunk_length = from.semantics.chunk_length;
  EXPECT_EQ(from.semantics, to);
}

TEST(Switches, TheNameSaysWhatChangedAndCanBeReadBack) {
  const AttentionSemantics consistent = semantics_preset("consistent");
  const SemanticSwitch& own = switches_of(AttentionKind::full).back();
  const NamedSemantics flipped = flip(named_preset("paper"), own, consistent);
  EXPECT_EQ(flipped.name, "paper, full_own=replace, full_own_value=-10000.0");
  EXPECT_EQ(flipped.semantics.full.own, OwnRule::replace);
  EXPECT_EQ(flipped.semantics.full.key_norm, KeyNorm::none) << "one switch only";
  EXPECT_EQ(named_semantics(flipped.name).semantics, flipped.semantics);
}

}  // namespace
}  // namespace reformer
