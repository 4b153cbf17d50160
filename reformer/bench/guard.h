// Has something become slower? Decided by ratios, because times depend on the machine and on what
// else it does.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reformer/bench/in_turn.h"
#include "reformer/bench/kernel.h"

namespace reformer {

// Something whose cost is watched. It works on the calling thread alone.
struct Subject {
  Contestant contestant;
  double operations = 0;      // useful ones of one call, 0 where none are counted
  double least_fraction = 0;  // of peak, on any CPU
};

// A kernel, which is compared with plain arithmetic first.
Subject subject_of(const Kernel& kernel, double least_fraction);

// The cost of one call: how many floating-point operations this core would have done in the same
// time in the loop that measures peak.
struct Cost {
  std::string name;
  double cost = 0;
  double operations = 0;
  double least_fraction = 0;

  double fraction_of_peak() const { return operations / cost; }
};

// Measures costs by processor time of this thread, so that other programs' turns do not count, and
// keeps the least of all rounds, so that their use of caches and memory counts little.
class CostMeter {
 public:
  explicit CostMeter(std::vector<Subject> subjects);

  // Each subject and the loop, in turn, `rounds` times.
  void measure(int64_t rounds);

  // After at least one round.
  std::vector<Cost> costs() const;

 private:
  std::vector<Subject> subjects_;
  std::vector<double> least_seconds_;  // of one call
  double least_peak_seconds_;          // of one operation of the loop
};

// Costs on record by name; none for a CPU that nothing is recorded for.
using RecordedCosts = std::map<std::string, double>;

// What is wrong with `costs`, one sentence each: more than `slack` times what is recorded, or less
// of peak than any CPU should reach. Something that is not on record is wrong too, unless nothing
// is.
std::vector<std::string> complaints(const std::vector<Cost>& costs, const RecordedCosts& recorded,
                                    double slack);

// Every kernel of the full size and its training steps.
std::vector<Subject> guard_subjects();

// The kind of CPU and the instruction set in use, for which costs are comparable: "AMD EPYC, family
// 25, model 17, AVX3".
std::string cost_key();

}  // namespace reformer
