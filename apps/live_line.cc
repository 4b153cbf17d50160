#include "apps/live_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
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

// By the rules of setlocale(3), without changing the program's locale.
bool wants_unicode() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string upper = value;
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    return upper.find("UTF-8") != std::string::npos || upper.find("UTF8") != std::string::npos;
  }
  return false;
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Each character of ours is one column wide.
size_t columns_of(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return !continues_character(c); }));
}

std::string_view first_columns(std::string_view text, size_t columns) {
  size_t end = 0;
  for (; end < text.size(); ++end) {
    if (!continues_character(text[end]) && columns-- == 0) break;
  }
  return text.substr(0, end);
}

// Progress that cannot be shown must not end the work, so failures are ignored.
void put(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

LiveLine::LiveLine()
    : on_terminal_(::isatty(STDERR_FILENO) == 1),
      unicode_(wants_unicode()),
      styled_(wants_style()) {}

void LiveLine::show(std::string_view name, std::string_view text) {
  if (!on_terminal_) return;
  // The last column stays free: a cursor beyond it would wrap and the line could not be rewritten.
  const size_t room = terminal_columns() - 1;
  name = first_columns(name, room);
  const std::string line = fmt::format("  {}", text);
  const std::string_view rest = first_columns(line, room - columns_of(name));
  const size_t used = columns_of(name) + columns_of(rest);
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
