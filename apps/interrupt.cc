#include "apps/interrupt.h"

#include <atomic>
#include <csignal>
#include <initializer_list>

namespace reformer::apps {
namespace {

// Two signals may be handled by two threads at the same time: one of them must be the second.
std::atomic<int> caught = 0;
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may not wait");

void remember(int signal) {
  int none = 0;
  if (caught.compare_exchange_strong(none, signal)) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);  // delivered when this handler returns
}

void install(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
}

}  // namespace

InterruptGuard::InterruptGuard() {
  caught = 0;
  install(remember);
}

InterruptGuard::~InterruptGuard() { install(SIG_DFL); }

int InterruptGuard::signal() const { return caught; }

std::string InterruptGuard::reason() const {
  switch (caught) {
    case 0:
      return "";
    case SIGINT:
      return "stopped by SIGINT (Ctrl-C)";
    case SIGTERM:
      return "stopped by SIGTERM";
    default:
      return "stopped by SIGHUP";
  }
}

}  // namespace reformer::apps
