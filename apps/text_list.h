// Lists as values of flags: "full,lsh-4".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reformer::apps {

// The parts of `text` between commas; none when it is empty. Throws Error, naming `flag`, for an
// empty part and for one that occurs twice.
std::vector<std::string> split_list(std::string_view flag, std::string_view text);

}  // namespace reformer::apps
