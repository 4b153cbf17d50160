// Any bytes as a safetensors file: refused with an Error, or read so that writing the same table
// again gives a file that reads as the same table.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "reformer/base/error.h"
#include "reformer/run/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reformer;
  TensorTable table;
  try {
    table = parse_safetensors({reinterpret_cast<const char*>(data), size}, "input");
  } catch (const Error&) {
    return 0;
  }
  const std::string file = encode_safetensors(table);
  const TensorTable copy = parse_safetensors(file, "copy");
  REFORMER_CHECK(copy.tensors.size() == table.tensors.size());
  REFORMER_CHECK(encode_safetensors(copy) == file);
  return 0;
}
