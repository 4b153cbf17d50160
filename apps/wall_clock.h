// The clocks of this machine, for runs.
#pragma once

#include <chrono>

#include "reformer/run/run_clock.h"

namespace reformer::apps {

inline RunClock machine_clock() {
  return {[] {
            const auto now = std::chrono::system_clock::now().time_since_epoch();
            return std::chrono::duration<double>(now).count();
          },
          [] {
            const auto now = std::chrono::steady_clock::now().time_since_epoch();
            return std::chrono::duration<double>(now).count();
          }};
}

}  // namespace reformer::apps
