// Lines on the standard error that are rewritten in place, below lines that stay.
#pragma once

#include <span>
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

  struct Line {
    std::string name;  // in bold
    std::string text;
  };

  // Rewrites the lines, each cut to the width of the terminal, and leaves out those at the end that
  // do not fit on it. A terminal that cannot move its cursor has the first only; where there is no
  // terminal nothing is shown.
  void show(std::span<const Line> lines);
  void show(std::string_view name, std::string_view text);

  // A line that stays, above the live ones.
  void write(std::string_view line);

  // Removes the live lines.
  void clear();

 private:
  std::string to_first_line() const;

  bool on_terminal_;
  bool unicode_;
  bool moves_;          // escape sequences are understood
  bool bold_;           // and wanted for looks
  size_t shown_ = 0;    // live lines
  size_t columns_ = 0;  // of the last of them
};

}  // namespace reformer::apps
