// The safetensors format (huggingface/safetensors): a table in JSON, then raw little-endian arrays.
// The reader trusts nothing: every size is checked before it is used, and nothing is allocated on
// the word of the file. docs/checkpoints.md lists the checks.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reformer {

// One array in row-major order. `bytes` belongs to the text that was parsed, or to the writer.
struct TensorView {
  std::string name;
  std::string dtype;  // "F32", "BF16", ...: see dtype.h
  std::vector<int64_t> shape;
  std::string_view bytes;

  bool operator==(const TensorView&) const = default;
};

struct TensorTable {
  std::map<std::string, std::string> metadata;
  std::vector<TensorView> tensors;
  std::list<std::string> owned = {};  // bytes of tensors that nobody else holds: move, not copy
};

// Limits of the format, and our own on what a table may hold, so that a hostile table cannot make
// the reader's memory a large multiple of the file.
inline constexpr uint64_t kMaxHeaderBytes = 100'000'000;
inline constexpr int64_t kMaxTensorSize = (int64_t{1} << 48) - 1;
inline constexpr size_t kMaxTensors = 100'000;
inline constexpr size_t kMaxMetadata = 10'000;
inline constexpr size_t kMaxRank = 64;

// Metadata key of the checksum: XXH3-64 as 16 hexadecimal digits, of the whole file with these
// digits taken as zeros.
inline constexpr std::string_view kChecksumKey = "xxh3";

// The table of the file whose content is `file`; tensors view into it and come in the order of
// their data. Verifies the checksum where there is one. Throws Error that starts with `where`.
TensorTable parse_safetensors(std::string_view file, std::string_view where);

// The content of a file: tensors by dtype (widest first), then name, as the reference writer orders
// them; a checksum is added to the metadata. Equal tables give equal bytes. Throws std::logic_error
// for a table that no file can hold: repeated or reserved names, sizes that do not match, text that
// is not UTF-8.
std::string encode_safetensors(const TensorTable& table);

}  // namespace reformer
