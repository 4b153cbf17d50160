// The choice of a token by its logits.
#pragma once

#include <cstdint>
#include <span>

#include "reformer/base/settings.h"

namespace reformer {

struct SamplingSettings {
  double temperature = 0;
  int64_t top_k = 0;
  int64_t seed = 0;

  bool operator==(const SamplingSettings&) const = default;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("temperature", temperature, between(0, 1e6), "divides the logits; 0: the likeliest token");
    v("top_k", top_k, at_least(0), "choose among so many likeliest tokens; 0: among all");
    v("seed", seed, at_least(0), "seed of the choices");
  }
};

// The token that `uniform` in [0, 1) falls on when the tokens that may be chosen lie on that line,
// likeliest first, each as long as its probability softmax(logits / temperature) among them. Of
// equal logits the first is the likelier one.
// logits: [V], V >= 1.   Throws Error when one is not finite.
int32_t choose_token(std::span<const float> logits, const SamplingSettings& settings,
                     double uniform);

}  // namespace reformer
