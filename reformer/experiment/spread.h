// How far repeated measurements lie apart.
#pragma once

#include <span>

namespace reformer {

struct Spread {
  double mean = 0;
  double deviation = 0;  // sample standard deviation, 0 for one value
  double lowest = 0, highest = 0;
};

// Throws std::logic_error when there are no values.
Spread spread_of(std::span<const double> values);

}  // namespace reformer
