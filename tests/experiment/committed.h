// How the tests of committed numbers compare.
#pragma once

#include <cstdlib>

namespace reformer {

// Another instruction set rounds differently, and a logit near a tie may then go the other way.
inline constexpr double kAccuracyTolerance = 0.002;

// Every number is computed again, not a sample: minutes a study.
inline bool all_cells() { return std::getenv("REFORMER_ALL_CELLS") != nullptr; }

}  // namespace reformer
