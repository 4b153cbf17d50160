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
  int64_t seeds = 0;  // also those whose runs failed or were stopped
  bool has_target = false;
  Spread accuracy, loss;   // of finished runs; count 0 where there is none
  Spread steps_to_target;  // of the runs that reached the target accuracy; count 0 where none did
};

std::vector<SweepPoint> points_of(std::span<const SweepMember> members,
                                  std::span<const MemberOutcome> outcomes);

// A row for each run and, where there are several seeds, one for each combination.
std::string sweep_text(std::span<const SweepMember> members,
                       std::span<const MemberOutcome> outcomes);

// {"version", "commit", "machine", "sweep": {...},
//  "runs": [{"name", "status", "error", "step", "accuracy", "loss", "target_reached"}, ...],
//  "points": [{"point", "seeds", "accuracy": {...}, "loss": {...}, "steps_to_target": {...}}, ...]}
// target_reached is null for a run without target, steps_to_target where no run reached it.
nlohmann::ordered_json sweep_json(const Sweep& sweep, std::span<const SweepMember> members,
                                  std::span<const MemberOutcome> outcomes);

}  // namespace reformer
