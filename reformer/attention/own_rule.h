// Attending to oneself, as a logit rule has it.
#pragma once

#include "reformer/attention/semantics.h"

namespace reformer {

inline void apply_own_rule(const LogitRule& rule, float& logit) {
  if (rule.own == OwnRule::replace) logit = static_cast<float>(rule.own_value);
  if (rule.own == OwnRule::subtract) logit -= static_cast<float>(rule.own_value);
}

}  // namespace reformer
