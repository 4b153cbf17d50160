// The most memory that a piece of work needs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace reformer {

// Largest resident set of this process, in bytes, while `work` runs: program and libraries are in
// it, what earlier work has left in the allocator is not. Nothing where the system cannot say
// (it takes Linux and the right to write /proc/self/clear_refs).
std::optional<int64_t> peak_memory_of(const std::function<void()>& work);

}  // namespace reformer
