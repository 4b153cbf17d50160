// How work on long arrays is cut. Blocks depend on the array alone, never on the number of threads,
// and sums are taken block by block in order: that is why every machine load gives the same bits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>

namespace reformer {

inline constexpr int64_t kBlockSize = 8192;  // floats: four arrays of a block stay in the L2 cache

inline int64_t block_count(int64_t size) { return (size + kBlockSize - 1) / kBlockSize; }

// Block `index` of an array.
template <class T>
std::span<T> block_of(std::span<T> values, int64_t index) {
  const int64_t begin = index * kBlockSize;
  const int64_t size = static_cast<int64_t>(values.size()) - begin;
  return values.subspan(static_cast<size_t>(begin),
                        static_cast<size_t>(std::min(kBlockSize, size)));
}

// Sum over i in [0, n) of value(i), in double and in eight fixed lanes, so that the compiler may
// use vectors of any width without changing the order of additions.
template <class Value>
double lane_sum(int64_t n, Value value) {
  constexpr int64_t kLanes = 8;
  double lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += value(i + lane);
  }
  for (int64_t lane = 0; i < n; ++i, ++lane) lanes[lane] += value(i);
  return std::accumulate(lanes, lanes + kLanes, 0.0);
}

inline double sum_of_squares(std::span<const float> values) {
  const float* x = values.data();
  return lane_sum(static_cast<int64_t>(values.size()),
                  [x](int64_t i) { return static_cast<double>(x[i]) * static_cast<double>(x[i]); });
}

}  // namespace reformer
