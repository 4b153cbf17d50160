#include "reformer/experiment/spread.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "reformer/base/error.h"

namespace reformer {
namespace {

// Probability of |T| < t: a finite sum in the angle whose tangent is t / sqrt(degrees).
double probability_within(double t, int64_t degrees) {
  const double angle = std::atan(t / std::sqrt(static_cast<double>(degrees)));
  const double cosine = std::cos(angle);
  const bool odd = degrees % 2 == 1;
  double term = odd ? cosine : 1;
  double sum = degrees == 1 ? 0 : term;
  for (int64_t k = odd ? 3 : 2; k < degrees; k += 2) {
    term *= cosine * cosine * static_cast<double>(k - 1) / static_cast<double>(k);
    sum += term;
  }
  sum *= std::sin(angle);
  return odd ? (angle + sum) * 2 / std::numbers::pi : sum;
}

}  // namespace

double student_t(double beyond, int64_t degrees) {
  REFORMER_CHECK(0 < beyond && beyond < 1 && degrees >= 1);
  double low = 0, high = 1;
  while (1 - probability_within(high, degrees) > beyond) high *= 2;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (1 - probability_within(middle, degrees) > beyond ? low : high) = middle;
  }
  return (low + high) / 2;
}

double interval_half(double deviation, int64_t count) {
  REFORMER_CHECK(count > 1);
  return student_t(0.05, count - 1) * deviation / std::sqrt(static_cast<double>(count));
}

Spread spread_of(std::span<const double> numbers) {
  REFORMER_CHECK(!numbers.empty());
  Spread spread;
  spread.count = static_cast<int64_t>(numbers.size());
  const auto n = static_cast<double>(numbers.size());
  double sum = 0, squares = 0;
  for (const double x : numbers) sum += x;
  spread.mean = sum / n;
  for (const double x : numbers) squares += (x - spread.mean) * (x - spread.mean);
  const auto [lowest, highest] = std::ranges::minmax(numbers);
  spread.lowest = lowest;
  spread.highest = highest;
  if (spread.count == 1) {
    spread.interval_low = spread.interval_high = std::numeric_limits<double>::quiet_NaN();
    return spread;
  }
  spread.deviation = std::sqrt(squares / (n - 1));
  const double half = interval_half(spread.deviation, spread.count);
  spread.interval_low = spread.mean - half;
  spread.interval_high = spread.mean + half;
  return spread;
}

nlohmann::ordered_json to_json(const Spread& s) {
  nlohmann::ordered_json json = {{"count", s.count},         {"mean", s.mean},
                                 {"deviation", s.deviation}, {"lowest", s.lowest},
                                 {"highest", s.highest},     {"interval_95", nullptr}};
  if (s.count > 1) json["interval_95"] = {s.interval_low, s.interval_high};
  return json;
}

}  // namespace reformer
