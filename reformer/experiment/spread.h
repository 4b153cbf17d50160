// How far repeated measurements lie apart, and how well their mean is known.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>

namespace reformer {

struct Spread {
  int64_t count = 0;
  double mean = 0;
  double deviation = 0;  // sample standard deviation; 0 for one number
  double lowest = 0, highest = 0;
  // 95 % interval of the mean by Student's t with count - 1 degrees of freedom: what holds for
  // independent numbers of about normal distribution. NaN for one number, which tells nothing of
  // it.
  double interval_low = 0, interval_high = 0;
};

// Half the width of that interval, for `count` > 1 numbers.
double interval_half(double deviation, int64_t count);

// Of at least one number. Sums run in the given order.
Spread spread_of(std::span<const double> numbers);

// {"count", "mean", "deviation", "lowest", "highest", "interval_95": [low, high] or null}
nlohmann::ordered_json to_json(const Spread& spread);

// The t that |T| exceeds with probability `beyond` (0 to 1), T of Student's distribution with
// `degrees` of freedom. Abramowitz and Stegun, 26.7.3 and 26.7.4.
double student_t(double beyond, int64_t degrees);

}  // namespace reformer
