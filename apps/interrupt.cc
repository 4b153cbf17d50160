#include "apps/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace reformer::apps {
namespace {

volatile std::sig_atomic_t caught = 0;

void remember(int signal) { caught = signal; }

void install(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART | SA_RESETHAND;  // the second time, the default ends the program
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) {
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

}  // namespace reformer::apps
