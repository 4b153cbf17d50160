// The ruler of every speed that we state: what the arithmetic units do when memory plays no part.
#pragma once

#include <cstdint>

namespace reformer {

// Runs `rounds` times a fixed block of independent fused multiply-adds that live in registers, on
// this thread, and returns how many floating-point operations that were (2 for each lane of each).
double run_multiply_adds(int64_t rounds);

// The same for dot products of bf16 pairs (bf16.h; 4 for each lane of each). Does nothing, and
// returns 0, where bf16 is not native.
double run_bf16_multiply_adds(int64_t rounds);

}  // namespace reformer
