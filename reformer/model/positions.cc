#include "reformer/model/positions.h"

#include <cmath>

namespace reformer {

void sinusoidal_position(int64_t t, std::span<float> out) {
  const auto width = static_cast<double>(out.size());
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t pair = i - i % 2;
    const double angle =
        static_cast<double>(t) / std::pow(10000.0, static_cast<double>(pair) / width);
    out[i] = static_cast<float>(i % 2 == 0 ? std::sin(angle) : std::cos(angle));
  }
}

}  // namespace reformer
