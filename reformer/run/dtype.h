// Element types of the safetensors format, by the names that its files use.
#pragma once

#include <string_view>

namespace reformer {

// Bits of one element, 0 for a name that is no dtype.
int dtype_bits(std::string_view dtype);

// Place in the order by alignment in which writers put tensors, the widest last.
int dtype_order(std::string_view dtype);

}  // namespace reformer
