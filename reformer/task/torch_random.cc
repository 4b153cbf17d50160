#include "reformer/task/torch_random.h"

#include "reformer/base/error.h"

namespace reformer {

int64_t TorchRandint::next(int64_t low, int64_t high) {
  REFORMER_CHECK(low < high && high - low < (int64_t{1} << 32));
  return static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low)) + low;
}

}  // namespace reformer
