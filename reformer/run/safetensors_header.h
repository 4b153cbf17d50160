// The JSON table at the start of a safetensors file, as text.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reformer::internal {

struct HeaderEntry {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  int64_t begin = 0;  // of the bytes, from the start of the data
  int64_t end = 0;
};

struct Header {
  std::map<std::string, std::string> metadata;
  std::vector<HeaderEntry> entries;
};

// Reads the table without building a JSON document. Everything but
//   {"__metadata__": {text: text}, name: {"dtype": text, "shape": [n...], "data_offsets": [n, n]}}
// throws Error: repeated, missing and unknown keys, other types, integers that are negative,
// beyond 2^48 - 1 or written like 1.0 and 1e3. Entries keep the order of the text. What the numbers
// mean together is not looked at.
Header parse_header(std::string_view text, std::string_view where);

// The table as text without spaces, metadata first, then padded with spaces so that the data, which
// begins 8 bytes after the start of the text, is aligned to 8.
std::string header_text(const Header& header);

}  // namespace reformer::internal
