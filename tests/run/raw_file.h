// Builds safetensors files of any content, also wrong ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace reformer {

// The 8 bytes that announce a table of `length` bytes, then both parts as they are.
inline std::string raw_file(std::string_view table, std::string_view data, uint64_t length) {
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file.append(table).append(data);
}

inline std::string raw_file(std::string_view table, std::string_view data) {
  return raw_file(table, data, table.size());
}

}  // namespace reformer
