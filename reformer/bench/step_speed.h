// How fast whole training steps are.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/train/run_config.h"

namespace reformer {

struct StepSpeed {
  std::string attention;
  int64_t tokens = 0;  // T of a sequence
  int64_t batch = 0;
  std::string precision = "fp32";
  double seconds = 0;                 // of a step
  double operations = 0;              // of a step, see counts.h
  double peak = 0;                    // operations per second, measured in turn with the step
  std::optional<int64_t> peak_bytes;  // of a process that does nothing else

  double fraction_of_peak() const { return operations / seconds / peak; }
  double tokens_per_second() const { return static_cast<double>(batch * tokens) / seconds; }
};

// Steps of all configurations in turn, the first of each left out; their memory one by one before.
std::vector<StepSpeed> measure_steps(std::span<const RunConfig> configs, int64_t repeats,
                                     ThreadPool& pool);

// One thread against all threads of `pool`.
struct Scaling {
  std::string attention;
  int64_t tokens = 0, batch = 0;
  int threads = 0;
  double seconds_of_one = 0, seconds = 0;
  double ratio() const { return seconds_of_one / seconds; }
};
std::vector<Scaling> measure_scaling(std::span<const RunConfig> configs, int64_t repeats,
                                     ThreadPool& pool);

// From the start of the program to the first training step.
struct StartUp {
  double process_seconds = 0;  // processor time before the benchmark began
  double trainer_seconds = 0;  // to make model, data, optimiser and threads
};
// To be called before anything else is measured.
StartUp measure_start_up(const RunConfig& config, int threads);

}  // namespace reformer
