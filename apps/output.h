// What the program prints.
#pragma once

#include <string>
#include <string_view>

namespace reformer::apps {

// Writes to the standard output at once. Throws Error when that fails (a full disk behind a pipe).
void print(std::string_view text);

// 3661.2 -> "1 h 01 min", 75.0 -> "1 min 15 s", 4.2 -> "4 s".
std::string duration_text(double seconds);

}  // namespace reformer::apps
