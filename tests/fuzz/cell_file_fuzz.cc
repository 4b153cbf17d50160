// Any text as a file of kept evaluations: refused with an Error, or read so that writing and
// reading its cells again gives the same text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "reformer/base/error.h"
#include "reformer/experiment/kept_cells.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reformer;
  const CellOrigin origin{"1.0.0", "0", "AVX2", "0123456789abcdef"};
  CellFile file;
  try {
    file = parse_cell_file({reinterpret_cast<const char*>(data), size}, origin, "input");
  } catch (const Error&) {  // refused
    return 0;
  }
  const std::string written = cell_file_text(origin, file.cells);
  const CellFile copy = parse_cell_file(written, origin, "copy");
  REFORMER_CHECK(copy.whole && cell_file_text(origin, copy.cells) == written);
  return 0;
}
