// How many threads work: no setting of a run, because it must not change the result.
#pragma once

#include "reformer/base/settings.h"
#include "reformer/base/threads.h"

namespace reformer::apps {

inline constexpr int64_t kMaxThreads = 1024;

struct ThreadsFlag {
  int64_t threads = hardware_threads();

  template <class Visitor>
  void visit(Visitor&& v) {
    v("threads", threads, between(1, kMaxThreads), "threads that work; changes no result");
  }
};

}  // namespace reformer::apps
