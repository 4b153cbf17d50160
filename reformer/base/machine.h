// What the results were computed on.
#pragma once

#include <string>

namespace reformer {

// The processor's name as the operating system gives it, or "unknown".
std::string cpu_name();

}  // namespace reformer
