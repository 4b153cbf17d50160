// Ctrl-C and SIGTERM as a request to stop in good order.
#pragma once

namespace reformer::apps {

// While this lives, the first SIGINT or SIGTERM is only remembered; a second one ends the program
// at once. A signal that whoever started us asked to ignore stays ignored. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  // The signal that came, or 0.
  int signal() const;
};

}  // namespace reformer::apps
