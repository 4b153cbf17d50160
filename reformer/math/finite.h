// Whether numbers are finite, many at a time.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

namespace reformer {

// Integers, so that the compiler makes vector code of it: NaN and infinity have all exponent bits.
inline bool all_finite(std::span<const float> x) {
  constexpr uint32_t kExponent = 0x7F800000U;
  uint32_t largest = 0;
  for (const float value : x) {
    largest = std::max(largest, std::bit_cast<uint32_t>(value) & kExponent);
  }
  return largest != kExponent;
}

}  // namespace reformer
