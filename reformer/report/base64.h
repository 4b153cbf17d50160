// Bytes as text.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace reformer {

// RFC 4648, section 4, with padding.
std::string base64(std::span<const uint8_t> bytes);

}  // namespace reformer
