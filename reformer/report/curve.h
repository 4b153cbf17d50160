// A quantity over steps with few enough points to draw, and without losing any extreme.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

namespace reformer {

// Buckets of `width` steps each: bucket i covers the steps
// [first_step + i * width, first_step + (i + 1) * width), cut off at last_step. Statistics are over
// the finite values of all its steps, NaN where there are none; `last` is the newest of them.
struct Curve {
  int64_t first_step = 1, last_step = 0, width = 1;
  int64_t points = 0;  // finite values that went in
  std::vector<double> lowest, highest, mean, last;

  bool empty() const { return points == 0; }
  bool raw() const { return width == 1; }
  double start = 0;  // the first finite value
  // Whether values only rise or only fall from the last one of a bucket to that of the next: then
  // `start` and `last` say all that the extremes say.
  bool monotone = true;
};

// steps: ascending. values: as long. At most `buckets` (at least 1) buckets of the smallest width
// that covers the steps. Nothing depends on what else is drawn, and nothing is sampled.
Curve make_curve(std::span<const int64_t> steps, std::span<const double> values, int64_t buckets);

// How the numbers of curves are written.
enum class CurveEncoding {
  numbers,  // plain numbers and null
  packed,   // base64 of little-endian floats; of 16-bit codes where a bucket holds several steps
};

// {"first", "last", "width", "points", "start", "statistics": {"last": ..., "mean", "min", "max"}}.
// Only `last` is there for a curve that is raw or monotone. Packed codes count from 0 for "low" to
// 65534 for "high", evenly, or evenly in the logarithm where "log" is true; 65535 stands for no
// value.
nlohmann::ordered_json to_json(const Curve& curve, CurveEncoding encoding);

}  // namespace reformer
