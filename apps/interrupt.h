// Ctrl-C, SIGTERM and SIGHUP as a request to stop in good order.
#pragma once

#include <string>

namespace reformer::apps {

// While this lives, the first of these signals is only remembered; another one ends the program at
// once. A signal that whoever started us asked to ignore stays ignored. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  // The signal that came, or 0.
  int signal() const;

  // "stopped by SIGTERM", or "".
  std::string reason() const;
};

}  // namespace reformer::apps
