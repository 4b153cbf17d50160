#include "apps/live_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace reformer::apps {
namespace {

size_t terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

// NO_COLOR (no-color.org): any value but an empty one asks for plain text.
bool wants_style() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (no_color == nullptr || *no_color == '\0') && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

// Progress that cannot be shown must not end the work, so failures are ignored.
void put(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

LiveLine::LiveLine() : on_terminal_(::isatty(STDERR_FILENO) == 1), styled_(wants_style()) {}

void LiveLine::show(std::string_view name, std::string_view text) {
  if (!on_terminal_) return;
  // The last column stays free: a cursor beyond it would wrap and the line could not be rewritten.
  const size_t room = terminal_columns() - 1;
  name = name.substr(0, room);
  const std::string rest = fmt::format("  {}", text).substr(0, room - name.size());
  const size_t used = name.size() + rest.size();
  const std::string blanks(shown_ > used ? shown_ - used : 0, ' ');
  put(styled_ ? fmt::format("\r\x1b[1m{}\x1b[0m{}{}", name, rest, blanks)
              : fmt::format("\r{}{}{}", name, rest, blanks));
  shown_ = used;
}

void LiveLine::write(std::string_view line) {
  clear();
  put(fmt::format("{}\n", line));
}

void LiveLine::clear() {
  if (shown_ > 0) put(fmt::format("\r{}\r", std::string(shown_, ' ')));
  shown_ = 0;
}

}  // namespace reformer::apps
