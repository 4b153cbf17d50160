// How many threads a call gets.
#pragma once

#include <algorithm>
#include <cstdint>

#include "reformer/base/error.h"
#include "reformer/base/threads.h"

namespace reformer::python {

// `threads`, or where it is 0 one per processor, but not more than there are pieces of work.
inline int pool_size(int64_t threads, int64_t pieces) {
  if (threads < 0 || threads > 1024) {
    fail("threads", "expected 0 (as many as there are processors) to 1024, found {}", threads);
  }
  const int64_t wanted = threads == 0 ? hardware_threads() : threads;
  return static_cast<int>(std::clamp<int64_t>(pieces, 1, wanted));
}

}  // namespace reformer::python
