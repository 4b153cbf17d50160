#include "reformer/bench/peak_memory.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <fstream>
#include <string>

namespace reformer {
namespace {

// Makes the high-water mark start again from what is resident now. See proc(5).
bool reset_high_water_mark() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  std::ofstream file("/proc/self/clear_refs");
  file << "5";
  file.close();
  return file.good();
}

std::optional<int64_t> high_water_mark() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return 1024 * std::stoll(line.substr(6));  // "VmHWM:  5120 kB"
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> peak_memory_of(const std::function<void()>& work) {
  const bool known = reset_high_water_mark();
  work();
  return known ? high_water_mark() : std::nullopt;
}

}  // namespace reformer
