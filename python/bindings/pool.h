// How many threads a call gets.
#pragma once

#include <algorithm>
#include <cstdint>

#include "reformer/base/error.h"
#include "reformer/base/threads.h"

namespace reformer::python {

// `threads`, or where it is 0 one per processor.
inline int pool_size(int64_t threads) {
  if (threads < 0 || threads > 1024) {
    fail("threads", "expected 0 (as many as there are processors) to 1024, found {}", threads);
  }
  return threads == 0 ? hardware_threads() : static_cast<int>(threads);
}

// Not more than there are pieces of work that are not cut further.
inline int pool_size(int64_t threads, int64_t pieces) {
  return static_cast<int>(std::clamp<int64_t>(pieces, 1, pool_size(threads)));
}

}  // namespace reformer::python
