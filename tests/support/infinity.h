#pragma once

#include <limits>

namespace reformer {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace reformer
