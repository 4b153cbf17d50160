// Lists as values of flags: "full,lsh-4".
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reformer::apps {

// The parts of `text` between commas; none when it is empty. Throws Error, naming `flag`, for an
// empty part and for one that occurs twice.
std::vector<std::string> split_list(std::string_view flag, std::string_view text);

// The same of a flag that may be given several times: the parts of all `texts`, one after the
// other.
std::vector<std::string> split_list(std::string_view flag, const std::vector<std::string>& texts);

// The same for integers from `low` to `high`.
std::vector<int64_t> split_integers(std::string_view flag, std::string_view text, int64_t low,
                                    int64_t high);

// Lets a flag be given several times, with one value each.
CLI::Option* repeatable(CLI::Option* option);

}  // namespace reformer::apps
