// What goes back over the wire before the bytes of a page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reformer {

struct ResponseHead {
  int status = 200;
  std::string_view type = "text/plain; charset=utf-8";
  std::string policy;                // Content-Security-Policy
  std::vector<std::string> more;     // further header lines
  std::optional<size_t> length = 0;  // of the body; nothing for a stream
  bool keep_alive = true;
};

// The head as bytes, with what keeps browsers from guessing types, keeping copies, telling other
// sites where a link came from, and showing the page in a frame.
std::string head_text(const ResponseHead& head);

// "Not Found"
std::string_view reason_phrase(int status);

// The policy that a page carries in its meta element, and that nobody may frame it.
std::string policy_of_page(std::string_view page);

}  // namespace reformer
