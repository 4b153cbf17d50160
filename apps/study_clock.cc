#include "apps/study_clock.h"

#include "reformer/bench/in_turn.h"
#include "reformer/bench/machine_speed.h"

namespace reformer::apps {

void StudyClock::sample() {
  ThreadPool pool(hardware_threads());
  for (int i = 0; i < 5; ++i) samples_.push_back(sample_peak(pool) / pool.size());
}

double StudyClock::peak() {
  sample();
  return median(samples_);
}

}  // namespace reformer::apps
