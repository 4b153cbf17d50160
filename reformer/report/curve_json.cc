#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "reformer/base/json.h"
#include "reformer/report/base64.h"
#include "reformer/report/curve.h"

namespace reformer {
namespace {

using nlohmann::ordered_json;

constexpr double kHighestCode = 65534;
constexpr uint16_t kNoValue = 65535;
// A positive curve whose values lie further apart than this is coded by its logarithm.
constexpr double kWide = 100;

// The range of a curve's values and how it is divided into codes.
struct Scale {
  double low = 0, high = 0;
  bool logarithmic = false;

  uint16_t code(double value) const {
    if (!std::isfinite(value)) return kNoValue;
    if (high <= low) return 0;
    const double part = logarithmic ? std::log(value / low) / std::log(high / low)
                                    : (value / 2 - low / 2) / (high / 2 - low / 2);
    return static_cast<uint16_t>(std::lround(std::clamp(part, 0.0, 1.0) * kHighestCode));
  }
};

Scale scale_of(const Curve& curve) {
  Scale scale{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (size_t i = 0; i < curve.last.size(); ++i) {
    if (!std::isfinite(curve.last[i])) continue;
    scale.low = std::min(scale.low, curve.lowest[i]);
    scale.high = std::max(scale.high, curve.highest[i]);
  }
  scale.logarithmic = scale.low > 0 && scale.high > kWide * scale.low;
  return scale;
}

template <class Unsigned>
void append_little_endian(std::vector<uint8_t>& bytes, Unsigned value) {
  for (size_t i = 0; i < sizeof(Unsigned); ++i) {
    bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
}

ordered_json floats(const std::vector<double>& values) {
  std::vector<uint8_t> bytes;
  for (const double value : values) {
    constexpr auto kLargest = double{std::numeric_limits<float>::max()};
    const double kept = std::isnan(value) ? value : std::clamp(value, -kLargest, kLargest);
    append_little_endian(bytes, std::bit_cast<uint32_t>(static_cast<float>(kept)));
  }
  return base64(bytes);
}

ordered_json codes(const std::vector<double>& values, const Scale& scale) {
  std::vector<uint8_t> bytes;
  for (const double value : values) append_little_endian(bytes, scale.code(value));
  return base64(bytes);
}

ordered_json numbers(const std::vector<double>& values) {
  ordered_json out = ordered_json::array();
  for (const double value : values) out.push_back(finite_or_null(value));
  return out;
}

}  // namespace

ordered_json to_json(const Curve& curve, CurveEncoding encoding) {
  ordered_json out = {{"first", curve.first_step},
                      {"last", curve.last_step},
                      {"width", curve.width},
                      {"points", curve.points}};
  const bool coded = encoding == CurveEncoding::packed && !curve.raw();
  const Scale scale = coded ? scale_of(curve) : Scale{};
  if (coded && !curve.empty()) {
    out["low"] = scale.low;
    out["high"] = scale.high;
    out["log"] = scale.logarithmic;
  }
  const auto write = [&](const std::vector<double>& values) {
    if (encoding == CurveEncoding::numbers) return numbers(values);
    return coded ? codes(values, scale) : floats(values);
  };
  if (!curve.empty()) out["start"] = curve.start;
  ordered_json& statistics = out["statistics"];
  statistics["last"] = write(curve.last);
  if (!curve.raw() && !curve.monotone) {
    statistics["mean"] = write(curve.mean);
    statistics["min"] = write(curve.lowest);
    statistics["max"] = write(curve.highest);
  }
  return out;
}

}  // namespace reformer
