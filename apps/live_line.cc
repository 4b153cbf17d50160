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

struct Size {
  size_t columns, rows;
};

Size terminal_size() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
  return {known && size.ws_col > 0 ? size.ws_col : 80u,
          known && size.ws_row > 0 ? size.ws_row : 24u};
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool understands_escapes() {
  return is_set("TERM") && std::string_view(std::getenv("TERM")) != "dumb";
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

// NO_COLOR (no-color.org): any value but an empty one asks for plain text.
LiveLine::LiveLine()
    : on_terminal_(::isatty(STDERR_FILENO) == 1),
      unicode_(wants_unicode()),
      moves_(understands_escapes()),
      bold_(moves_ && !is_set("NO_COLOR")) {}

void LiveLine::show(std::span<const Line> lines) {
  if (!on_terminal_ || lines.empty()) return;
  const Size size = terminal_size();
  // The last column stays free: a cursor beyond it would wrap and the line could not be rewritten.
  const size_t room = size.columns - 1;
  lines = lines.first(moves_ ? std::clamp<size_t>(size.rows - 1, 1, lines.size()) : 1);
  // One line alone needs no more than blanks to be rewritten.
  const bool several = lines.size() > 1 || shown_ > 1;
  std::string text = to_first_line();
  size_t columns = 0;
  for (const Line& line : lines) {
    const std::string_view name = first_columns(line.name, room);
    const std::string spaced = "  " + line.text;
    const std::string_view rest = first_columns(spaced, room - columns_of(name));
    if (&line != lines.data()) text += '\n';
    text += bold_ ? fmt::format("\x1b[1m{}\x1b[0m{}", name, rest) : fmt::format("{}{}", name, rest);
    if (several) text += "\x1b[K";
    columns = columns_of(name) + columns_of(rest);
  }
  if (lines.size() < shown_) text += "\n\x1b[J\x1b[A";
  if (!several && columns < columns_) text.append(columns_ - columns, ' ');
  put(text);
  shown_ = lines.size();
  columns_ = columns;
}

void LiveLine::show(std::string_view name, std::string_view text) {
  const Line line{std::string(name), std::string(text)};
  show(std::span(&line, 1));
}

void LiveLine::write(std::string_view line) {
  clear();
  put(fmt::format("{}\n", line));
}

void LiveLine::clear() {
  if (shown_ == 0) return;
  put(to_first_line() + (shown_ > 1 ? "\x1b[J" : std::string(columns_, ' ') + "\r"));
  shown_ = 0;
  columns_ = 0;
}

std::string LiveLine::to_first_line() const {
  return shown_ > 1 ? fmt::format("\r\x1b[{}A", shown_ - 1) : "\r";
}

}  // namespace reformer::apps
