#include "apps/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "reformer/base/error.h"

namespace reformer::apps {
void print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) {
    // Whoever reads has enough (`| head`): no mistake, and nobody to tell. All results are kept.
    if (errno == EPIPE) std::_Exit(128 + SIGPIPE);
    fail("output", "expected to write the result, found: {}; try another place for it",
         std::strerror(errno));
  }
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::clamp(seconds, 0.0, 1e9)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace reformer::apps
