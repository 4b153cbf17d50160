#include "reformer/bench/in_turn.h"

#include <algorithm>
#include <cmath>

#include "reformer/base/error.h"
#include "reformer/bench/clock.h"
#include "reformer/bench/machine_speed.h"

namespace reformer {
namespace {

Elapsed time_of_calls(const Contestant& contestant, int64_t calls) {
  return time_of([&] {
    for (int64_t i = 0; i < calls; ++i) contestant.run();
  });
}

}  // namespace

double median(std::vector<double> values) {
  REFORMER_CHECK(!values.empty());
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

int64_t calls_that_take(double seconds, const Contestant& contestant) {
  int64_t calls = 1;
  for (;;) {
    const double taken = time_of_calls(contestant, calls).thread_seconds;
    if (taken >= seconds / 4) {
      return std::max<int64_t>(1, std::llround(seconds / taken * static_cast<double>(calls)));
    }
    calls *= 4;
  }
}

InTurn run_in_turn(std::span<const Contestant> contestants, int64_t repeats, ThreadPool& pool) {
  std::vector<double> peaks, bf16_peaks;
  std::vector<std::vector<double>> times(contestants.size());
  for (int64_t repeat = 0; repeat < repeats; ++repeat) {
    for (size_t i = 0; i < contestants.size(); ++i) {
      peaks.push_back(sample_peak(pool));
      if (const auto bf16 = sample_bf16_peak(pool)) bf16_peaks.push_back(*bf16);
      const Contestant& each = contestants[i];
      times[i].push_back(time_of_calls(each, each.calls).seconds / static_cast<double>(each.calls));
    }
  }
  InTurn result;
  for (auto& each : times) result.seconds.push_back(median(std::move(each)));
  result.peak = peaks.empty() ? sample_peak(pool) : median(std::move(peaks));
  if (!bf16_peaks.empty()) result.bf16_peak = median(std::move(bf16_peaks));
  return result;
}

}  // namespace reformer
