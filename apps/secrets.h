// Unguessable texts for `reformer serve`.
#pragma once

#include <string>

namespace reformer::apps {

// 128 bits from the system, as 32 hexadecimal digits.
std::string new_secret();

// The secret by which this user's browsers stay known when a server is started again: a file that
// only the user can read, "reformer/serve.key" in $XDG_STATE_HOME or ~/.local/state, made where
// missing. Where that cannot be, a new one; `kept` says which.
struct KeptSecret {
  std::string secret;
  bool kept = false;
};
KeptSecret kept_secret();

}  // namespace reformer::apps
