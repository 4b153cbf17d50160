// Timing several things fairly on a machine that does other work too: they run in turn with the
// loop that measures peak, so that what disturbs one disturbs all, and medians are reported.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reformer/base/threads.h"

namespace reformer {

struct Contestant {
  std::string name;
  std::function<void()> run;
  int64_t calls = 1;  // of `run`, timed together
};

// Medians.
struct InTurn {
  std::vector<double> seconds;      // of one call of each contestant
  double peak = 0;                  // operations per second, as sample_peak
  std::optional<double> bf16_peak;  // as sample_bf16_peak
};

// Runs everybody once in each repeat, a sample of peak before each. Whatever has to be warm must be
// so already.
InTurn run_in_turn(std::span<const Contestant> contestants, int64_t repeats, ThreadPool& pool);

// So many calls that they take about `seconds` of this thread; runs the contestant for that.
int64_t calls_that_take(double seconds, const Contestant& contestant);

// The middle one; of an even number the mean of the two in the middle. There must be one.
double median(std::vector<double> values);

}  // namespace reformer
