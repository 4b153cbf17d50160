// Many runs from one description: every combination of some settings' values, for several seeds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/train/run_config.h"

namespace reformer {

struct SweepAxis {
  std::string setting;  // of any part of RunConfig
  std::vector<nlohmann::json> values;
};

struct Sweep {
  RunConfig base;
  std::vector<SweepAxis> axes;  // in the order of their names, see add_axis(); the last is fastest
  int64_t seeds = 1;            // from base.train.seed on
};

struct SweepMember {
  std::string name;   // "learning_rate=0.001,seed=42": its directory
  std::string point;  // the same without the seed; "" where there are no axes
  RunConfig config;
};

inline constexpr int64_t kMaxMembers = 10'000;

// Throws Error for an unknown setting, a value that does not fit it, a combination that is no valid
// configuration, a setting or value that occurs twice, and more than kMaxMembers. An optimiser's
// other values start from what its authors use, as for `reformer train`.
std::vector<SweepMember> members_of(const Sweep& sweep);

void add_axis(Sweep& sweep, SweepAxis axis);

// "learning_rate=1e-3,1e-4"; errors name the flag.
SweepAxis parse_axis(std::string_view text, std::string_view flag);

// {"config": {...}, "sweep": {"learning_rate": [0.001, 0.0001]}, "seeds": 5}. Reading also takes
// "preset" beside or instead of a part of "config" ("laptop" where there is none); every part may
// be absent. Throws Error for what is wrong in it.
nlohmann::ordered_json to_json(const Sweep& sweep);
Sweep sweep_from_json(const nlohmann::json& object, std::string_view where);

}  // namespace reformer
