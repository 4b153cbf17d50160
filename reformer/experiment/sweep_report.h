// What a sweep found, as text and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "reformer/experiment/spread.h"
#include "reformer/experiment/sweep_runner.h"

namespace reformer {

// The finished runs of one combination of values, over their seeds. Validation as it is at the end.
struct SweepPoint {
  std::string point;
  Spread accuracy, loss;  // count 0 where no run has finished
};

std::vector<SweepPoint> points_of(std::span<const SweepMember> members,
                                  std::span<const MemberOutcome> outcomes);

// A row for each run and, where there are several seeds, one for each combination.
std::string sweep_text(std::span<const SweepMember> members,
                       std::span<const MemberOutcome> outcomes);

// {"sweep": {...}, "runs": [{"name", "status", "error", "step", "accuracy", "loss"}, ...],
//  "points": [{"point", "accuracy": {...}, "loss": {...}}, ...]}
nlohmann::ordered_json sweep_json(const Sweep& sweep, std::span<const SweepMember> members,
                                  std::span<const MemberOutcome> outcomes);

}  // namespace reformer
