// Any text as a file of kept evaluations: refused with an Error, or read so that writing and
// reading it again gives the same file.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "reformer/base/error.h"
#include "reformer/experiment/kept_cells.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reformer;
  try {
    const std::string written =
        cell_file_text(parse_cell_file({reinterpret_cast<const char*>(data), size}, "input"));
    REFORMER_CHECK(cell_file_text(parse_cell_file(written, "copy")) == written);
  } catch (const Error&) {  // refused
  }
  return 0;
}
