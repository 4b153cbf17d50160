#include "reformer/bench/clock.h"

#include <chrono>
#include <ctime>

namespace reformer {
namespace {

double read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

Elapsed time_of(const std::function<void()>& work) {
  const double thread_begin = read_clock(CLOCK_THREAD_CPUTIME_ID);
  const auto begin = std::chrono::steady_clock::now();
  work();
  const auto end = std::chrono::steady_clock::now();
  return {std::chrono::duration<double>(end - begin).count(),
          read_clock(CLOCK_THREAD_CPUTIME_ID) - thread_begin};
}

double process_seconds() { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

}  // namespace reformer
