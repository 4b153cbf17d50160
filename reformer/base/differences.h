// What differs between two things, the first few of it in words.
#pragma once

#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reformer/base/error.h"

namespace reformer {

class Differences {
 public:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    if (++count_ <= kShown) shown_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  bool shows_next() const { return count_ < kShown; }

  // "one; another; and 3 more", or "" if there are none.
  std::string text() const {
    const std::string more =
        count_ > kShown ? fmt::format("; and {} more", count_ - kShown) : std::string();
    return fmt::format("{}{}", fmt::join(shown_, "; "), more);
  }

  void fail_if_any(std::string_view where, std::string_view expected) const {
    if (count_ > 0) fail(where, "expected {}, found: {}", expected, text());
  }

 private:
  static constexpr size_t kShown = 5;
  size_t count_ = 0;
  std::vector<std::string> shown_;
};

}  // namespace reformer
