#include "reformer/run/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>

#include "reformer/base/checksum.h"
#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/run/dtype.h"
#include "reformer/run/safetensors_header.h"

static_assert(std::endian::native == std::endian::little,
              "tensors are copied as they lie in memory");

namespace reformer {
namespace {

using internal::Header;
using internal::HeaderEntry;

constexpr size_t kLengthBytes = 8;
constexpr std::string_view kBlankChecksum = "0000000000000000";

// Bytes that shape and dtype call for. Throws Error; products never overflow on the way.
int64_t byte_size(const HeaderEntry& entry, std::string_view where) {
  const int bits = dtype_bits(entry.dtype);
  if (bits == 0) {
    fail(where, "tensor {}: unknown dtype {}", quote_text(entry.name), quote_text(entry.dtype));
  }
  int64_t elements = 1;
  for (const int64_t dim : entry.shape) {
    if (dim != 0 && elements > kMaxTensorSize / dim) {
      fail(where, "tensor {}: expected at most 2^48 - 1 elements, found more",
           quote_text(entry.name));
    }
    elements *= dim;
  }
  if (elements * bits % 8 != 0) {
    fail(where, "tensor {}: expected whole bytes, found {} elements of {} bits",
         quote_text(entry.name), elements, bits);
  }
  return elements * bits / 8;
}

// No hole, no overlap, nothing behind: the tensors of `entries`, which are sorted by place, fill
// the data exactly.
void check_places(const std::vector<HeaderEntry>& entries, size_t data_bytes,
                  std::string_view where) {
  int64_t place = 0;
  for (const HeaderEntry& entry : entries) {
    if (entry.begin != place) {
      fail(where, "tensor {}: expected data at offset {}, found {} ({})", quote_text(entry.name),
           place, entry.begin, entry.begin < place ? "overlap" : "hole");
    }
    const int64_t size = byte_size(entry, where);
    if (entry.end - entry.begin != size) {
      fail(where, "tensor {}: expected {} bytes for its shape and dtype, found offsets {} to {}",
           quote_text(entry.name), size, entry.begin, entry.end);
    }
    place = entry.end;
  }
  if (static_cast<size_t>(place) != data_bytes) {
    fail(where, "expected {} bytes of data, found {}; the file is {}", place, data_bytes,
         data_bytes < static_cast<size_t>(place) ? "truncated" : "longer than its table says");
  }
}

// Where the digits of the checksum lie in `text`, npos without one. JSON escapes quotes inside of
// strings, so the pattern can only be the key itself.
size_t checksum_place(std::string_view text) {
  const std::string pattern = fmt::format("\"{}\":\"", kChecksumKey);
  const size_t found = text.find(pattern);
  return found == std::string_view::npos ? found : found + pattern.size();
}

std::string checksum(std::string_view file, size_t digits_place) {
  return xxh3_digits({file.substr(0, digits_place), kBlankChecksum,
                      file.substr(digits_place + kBlankChecksum.size())});
}

void check_checksum(std::string_view file, size_t header_bytes,
                    const std::map<std::string, std::string>& metadata, std::string_view where) {
  const auto stored = metadata.find(std::string(kChecksumKey));
  if (stored == metadata.end()) return;
  const size_t place = checksum_place(file.substr(0, kLengthBytes + header_bytes));
  if (place == std::string_view::npos || stored->second.size() != kBlankChecksum.size()) {
    fail(where, "expected a checksum \"{}\":\"<16 digits>\", found {}", kChecksumKey,
         quote_text(stored->second));
  }
  const std::string found = checksum(file, place);
  if (found != stored->second) {
    fail(where,
         "expected checksum {}, found {}; the file is damaged, or was edited and kept its "
         "old checksum",
         quote_text(stored->second), found);
  }
}

}  // namespace

TensorTable parse_safetensors(std::string_view file, std::string_view where) {
  if (file.size() < kLengthBytes) {
    fail(where, "expected a safetensors file of at least 8 bytes, found {}", file.size());
  }
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, file.data(), kLengthBytes);
  if (header_bytes > kMaxHeaderBytes) {
    fail(where, "expected a table of at most {} bytes, found {}; this is no safetensors file",
         kMaxHeaderBytes, header_bytes);
  }
  if (header_bytes > file.size() - kLengthBytes) {
    fail(where, "expected a table of {} bytes, found {} bytes; the file is truncated", header_bytes,
         file.size() - kLengthBytes);
  }
  Header header = internal::parse_header(file.substr(kLengthBytes, header_bytes), where);
  const std::string_view data = file.substr(kLengthBytes + header_bytes);
  std::ranges::sort(header.entries, {}, [](const HeaderEntry& entry) {
    return std::tie(entry.begin, entry.end, entry.name);
  });
  check_places(header.entries, data.size(), where);
  check_checksum(file, header_bytes, header.metadata, where);

  TensorTable table{std::move(header.metadata), {}};
  table.tensors.reserve(header.entries.size());
  for (HeaderEntry& entry : header.entries) {
    const auto begin = static_cast<size_t>(entry.begin);
    const auto size = static_cast<size_t>(entry.end - entry.begin);
    table.tensors.push_back({std::move(entry.name), std::move(entry.dtype), std::move(entry.shape),
                             data.substr(begin, size)});
  }
  return table;
}

std::string encode_safetensors(const TensorTable& table) {
  std::vector<const TensorView*> order;
  for (const TensorView& tensor : table.tensors) order.push_back(&tensor);
  std::ranges::sort(order, {}, [](const TensorView* tensor) {
    return std::tuple(-dtype_order(tensor->dtype), std::string_view(tensor->name));
  });

  Header header{table.metadata, {}};
  header.metadata[std::string(kChecksumKey)] = kBlankChecksum;
  int64_t place = 0;
  for (const TensorView* tensor : order) {
    const auto end = place + static_cast<int64_t>(tensor->bytes.size());
    header.entries.push_back({tensor->name, tensor->dtype, tensor->shape, place, end});
    place = end;
  }

  const std::string text = internal::header_text(header);
  const uint64_t header_bytes = text.size();
  std::string file(kLengthBytes, '\0');
  file.reserve(kLengthBytes + text.size() + static_cast<size_t>(place));
  std::memcpy(file.data(), &header_bytes, kLengthBytes);
  file += text;
  for (const TensorView* tensor : order) file += tensor->bytes;
  const size_t digits_place = checksum_place(file);
  file.replace(digits_place, kBlankChecksum.size(), checksum(file, digits_place));
  try {
    static_cast<void>(parse_safetensors(file, "encode_safetensors"));
  } catch (const Error& error) {
    throw std::logic_error(error.what());
  }
  return file;
}

}  // namespace reformer
