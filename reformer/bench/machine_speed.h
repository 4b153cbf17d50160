// The two rulers that speeds are compared with: what the arithmetic units do, and what memory does.
#pragma once

#include <optional>

#include "reformer/base/threads.h"

namespace reformer {

// Floating-point operations per second of all threads at once, in a loop of fused multiply-adds
// that live in registers.
double sample_peak(ThreadPool& pool);

// The same with operands in bfloat16 and sums in float; nothing where CPU or build lack it.
std::optional<double> sample_bf16_peak(ThreadPool& pool);

// Bytes per second of all threads at once in a[i] = b[i] + s * c[i] over arrays of 64 MiB, counted
// as McCalpin's STREAM does: 12 bytes for each i, what the cache reads to write `a` not among them.
double sample_bandwidth(ThreadPool& pool);

}  // namespace reformer
