#include "reformer/report/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reformer/base/error.h"

namespace reformer {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Steps of a damaged database may be anything: differences are taken without overflow.
uint64_t distance(int64_t from, int64_t to) {
  return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
}

// Follows whether values only rise or only fall within the buckets.
class MonotoneCheck {
 public:
  void take(double value, bool begins_bucket) {
    if (begins_bucket) rises_ = falls_ = true;
    if (seen_ && value < previous_) rises_ = false;
    if (seen_ && value > previous_) falls_ = false;
    if (!rises_ && !falls_) holds_ = false;
    previous_ = value;
    seen_ = true;
  }
  bool holds() const { return holds_; }

 private:
  bool seen_ = false, rises_ = true, falls_ = true, holds_ = true;
  double previous_ = 0;
};

}  // namespace

Curve make_curve(std::span<const int64_t> steps, std::span<const double> values, int64_t buckets) {
  REFORMER_CHECK(steps.size() == values.size() && buckets >= 1);
  Curve curve;
  if (steps.empty()) return curve;
  REFORMER_CHECK(std::ranges::is_sorted(steps));
  curve.first_step = steps.front();
  curve.last_step = steps.back();
  const uint64_t span = distance(curve.first_step, curve.last_step);
  const auto width = span / static_cast<uint64_t>(buckets) + 1;
  curve.width = static_cast<int64_t>(width);
  const size_t count = static_cast<size_t>(span / width) + 1;
  for (auto* statistic : {&curve.lowest, &curve.highest, &curve.mean, &curve.last}) {
    statistic->assign(count, kNone);
  }
  std::vector<double> finite(count, 0);
  MonotoneCheck monotone;
  for (size_t i = 0; i < steps.size(); ++i) {
    const double value = values[i];
    if (!std::isfinite(value)) continue;
    const auto b = static_cast<size_t>(distance(curve.first_step, steps[i]) / width);
    monotone.take(value, finite[b] == 0);
    ++curve.points;
    finite[b] += 1;
    curve.lowest[b] = finite[b] == 1 ? value : std::min(curve.lowest[b], value);
    curve.highest[b] = finite[b] == 1 ? value : std::max(curve.highest[b], value);
    curve.mean[b] = finite[b] == 1 ? value : curve.mean[b] + value;  // the sum, at first
    if (curve.points == 1) curve.start = value;
    curve.last[b] = value;
  }
  for (size_t b = 0; b < count; ++b) curve.mean[b] /= finite[b];
  curve.monotone = monotone.holds();
  return curve;
}

}  // namespace reformer
