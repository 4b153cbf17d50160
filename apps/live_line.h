// One line on the standard error that is rewritten in place, between lines that stay.
#pragma once

#include <string>
#include <string_view>

namespace reformer::apps {

class LiveLine {
 public:
  LiveLine();
  ~LiveLine() { clear(); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  // Whether somebody watches. When not, the caller should write() now and then.
  bool on_terminal() const { return on_terminal_; }

  // Whether the terminal's locale is UTF-8.
  bool shows_unicode() const { return unicode_; }

  // Rewrites the line: `name` in bold, then `text`, cut to the width of the terminal. Shows nothing
  // where there is no terminal.
  void show(std::string_view name, std::string_view text);

  // A line that stays, above the live one.
  void write(std::string_view line);

  // Removes the live line.
  void clear();

 private:
  bool on_terminal_;
  bool unicode_;
  bool styled_;       // escape sequences are understood and wanted
  size_t shown_ = 0;  // columns in use by the live line
};

}  // namespace reformer::apps
