// The switches in which two meanings of attention differ, to be flipped one at a time.
#pragma once

#include <string>
#include <vector>

#include "reformer/experiment/cross_evaluation.h"
#include "reformer/model/config.h"

namespace reformer {

// Settings of AttentionSemantics that are turned together: a rule and its constant, or the three
// that say how fresh rotations are.
struct SemanticSwitch {
  std::string name;
  std::vector<std::string> settings;
};

// What an evaluation with this kind of attention depends on. The length of the keys and the factor
// of the logits, which together make a logit, are also there as one switch.
const std::vector<SemanticSwitch>& switches_of(AttentionKind kind);

// Those of switches_of(kind) in which a and b differ; a joined one only where both parts do.
std::vector<SemanticSwitch> differing_switches(const AttentionSemantics& a,
                                               const AttentionSemantics& b, AttentionKind kind);

// `from` with the settings of `flipped` as they are in `towards`; its name says what changed:
// "seed, lsh_logit_scale=one".
NamedSemantics flip(const NamedSemantics& from, const SemanticSwitch& flipped,
                    const AttentionSemantics& towards);

}  // namespace reformer
