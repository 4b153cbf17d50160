#pragma once

#include <cstdint>
#include <random>

namespace reformer {

// The numbers of torch.manual_seed(seed) followed by calls of torch.randint on the CPU, in order: a
// matrix is filled row by row, one number after the other.
class TorchRandint {
 public:
  // PyTorch's generator keeps the lower 32 bits of the seed.
  explicit TorchRandint(uint64_t seed) : engine_(static_cast<uint32_t>(seed)) {}

  // The next integer in [low, high); high - low in [1, 2^32). Slightly biased, as there: the
  // remainder of one 32-bit number. (Wider ranges, for which PyTorch draws 64 bits, are not
  // offered.)
  int64_t next(int64_t low, int64_t high);

 private:
  std::mt19937 engine_;  // fully specified by the C++ standard, and the one PyTorch uses
};

}  // namespace reformer
