#include "apps/study_clock.h"

#include <algorithm>

#include "reformer/bench/machine_speed.h"

namespace reformer::apps {

void StudyClock::sample() {
  ThreadPool pool(hardware_threads());
  for (int i = 0; i < 5; ++i) samples_.push_back(sample_peak(pool) / pool.size());
}

double StudyClock::peak() {
  sample();
  const auto middle = samples_.begin() + static_cast<std::ptrdiff_t>(samples_.size() / 2);
  std::nth_element(samples_.begin(), middle, samples_.end());
  return *middle;
}

}  // namespace reformer::apps
