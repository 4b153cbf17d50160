// Time as the caller gives it: the library takes none from outside, and tests make their own.
#pragma once

#include <functional>

namespace reformer {

struct RunClock {
  std::function<double()> unix_seconds;  // time of day, for people
  std::function<double()> seconds;       // never goes back; any zero
};

}  // namespace reformer
