// How long a study took, and how much of the machine it used.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "reformer/experiment/sweep.h"
#include "reformer/experiment/table2.h"

namespace reformer {

// Useful floating-point operations (counts.h) and the time that they took.
struct TimedWork {
  int64_t count = 0;  // models or evaluations
  double operations = 0;
  double seconds = 0;  // summed over what ran side by side
  int threads = 1;     // of each

  // More work by as many threads.
  void add(const TimedWork& other) {
    threads = other.threads;
    count += other.count;
    operations += other.operations;
    seconds += other.seconds;
  }
  // `peak` is the operations per second of one thread that do nothing else.
  double fraction_of_peak(double peak) const { return operations / (seconds * threads * peak); }
};

struct StudyTime {
  double wall_seconds = 0;  // of this command, from nothing to the table, unless it was resumed
  bool resumed = false;     // a part was done before
  double peak = 0;          // of one thread while all work: the mean
  TimedWork training;       // steps only, by whichever command
  TimedWork evaluation;     // in this command
};

// The steps of finished runs, from their databases. Throws Error when one cannot be read.
TimedWork training_work(std::span<const SweepMember> members,
                        const std::filesystem::path& directory, int threads);

// The evaluations that were made for the table, which took `seconds`. Needs its models.
TimedWork evaluation_work(const Table2& table, double seconds, int threads);

// "From nothing in 9 min 41 s: ..., at 68 % of the peak of 116 GFLOP/s a thread; ..."
std::string study_time_text(const StudyTime& time);

// {"version", "commit", "machine", "wall_seconds", "resumed", "peak_gflops" (of one thread),
//  "training": {"models", "seconds", "threads", "gflop", "fraction_of_peak"},
//  "evaluation": {"evaluations", the same}}
nlohmann::ordered_json study_time_json(const StudyTime& time);

}  // namespace reformer
