// Times a study, and measures beside it what the machine can do.
#pragma once

#include <vector>

#include "apps/wall_clock.h"
#include "reformer/base/threads.h"

namespace reformer::apps {

// Others may use the machine, too: its peak is sampled before and after the work, by all threads at
// once.
class StudyClock {
 public:
  StudyClock() : began_(machine_clock().seconds()) { sample(); }

  double seconds() const { return machine_clock().seconds() - began_; }

  // Operations per second of one thread while all work: the median. Samples once more.
  double peak();

 private:
  void sample();

  double began_;
  std::vector<double> samples_;
};

}  // namespace reformer::apps
