// How the library reports trouble. A user's mistake is an Error with a sentence that helps; a
// broken invariant is a std::logic_error. The library never prints and never exits.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reformer {

// A mistake that the user can correct: "[where] expected ..., found ...; try ...".
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws Error("[where] message"), the message formatted as by fmt.
template <class... Args>
[[noreturn]] void fail(std::string_view where, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format("[{}] {}", where, fmt::format(format, std::forward<Args>(args)...)));
}

// The candidate closest to `word` by edit distance, or "" when none is near enough to be a slip.
std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

// "; did you mean 'x'?" or "" - the tail of a message about an unknown name.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

namespace internal {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace internal

// An invariant of our own code. Throws std::logic_error, so that a host program survives.
#define REFORMER_CHECK(condition) \
  ((condition) ? (void)0 : ::reformer::internal::check_failed(#condition, __FILE__, __LINE__))

}  // namespace reformer
