// The checksum that tells files and weights apart, and finds damage; none that withstands malice.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace reformer {

// XXH3-64 of the pieces one after the other, as 16 hexadecimal digits.
std::string xxh3_digits(std::initializer_list<std::string_view> pieces);

}  // namespace reformer
