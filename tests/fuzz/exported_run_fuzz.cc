// Any text as a run that was exported: refused with an Error, or read so that writing and reading
// its rows again gives the same rows.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "reformer/base/error.h"
#include "reformer/run/exported_run.h"
#include "reformer/run/record_json.h"

namespace {

template <class Row>
void check_row(const Row& row) {
  const auto written = reformer::to_json(row);
  Row copy;
  reformer::from_json(written, copy, "copy");
  REFORMER_CHECK(reformer::to_json(copy) == written);
}

template <class Row>
void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) check_row(row);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reformer;
  RunRecords records;
  try {
    records = parse_exported_run({reinterpret_cast<const char*>(data), size}, "input").records;
  } catch (const Error&) {  // refused
    return 0;
  }
  check_row(records.state);
  check_rows(records.sessions);
  check_rows(records.metrics);
  check_rows(records.evaluations);
  check_rows(records.events);
  return 0;
}
