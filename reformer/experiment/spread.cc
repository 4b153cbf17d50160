#include "reformer/experiment/spread.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reformer/base/error.h"

namespace reformer {

Spread spread_of(std::span<const double> values) {
  REFORMER_CHECK(!values.empty());
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
  return {mean, n > 1 ? std::sqrt(squares / (n - 1)) : 0, *lowest, *highest};
}

}  // namespace reformer
