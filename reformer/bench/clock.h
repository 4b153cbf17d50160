// Clocks. This room is the only one of the library that reads one: what it computes is how long
// something takes.
#pragma once

#include <functional>

namespace reformer {

// How long `work` takes on the wall, and on the processor by the calling thread alone. The second
// leaves out the time in which other programs had the processor.
struct Elapsed {
  double seconds = 0;
  double thread_seconds = 0;
};
Elapsed time_of(const std::function<void()>& work);

// Processor time of this process since it was started, by all threads.
double process_seconds();

}  // namespace reformer
