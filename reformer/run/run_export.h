// A run in the formats of other programs. docs/run-format.md describes them.
#pragma once

#include <string>

#include "reformer/run/run_files.h"
#include "reformer/run/run_reader.h"

namespace reformer {

enum class RunTable { metrics, evaluations, events, sessions };

template <>
struct EnumNames<RunTable> {
  static constexpr std::pair<RunTable, std::string_view> names[] = {
      {RunTable::metrics, "metrics"},
      {RunTable::evaluations, "evaluations"},
      {RunTable::events, "events"},
      {RunTable::sessions, "sessions"}};
};

// One table as CSV (RFC 4180): a line with the names of the columns, then the rows. Numbers are the
// shortest text that reads back to the same bits; NULL is empty.
std::string run_csv(RunReader& reader, RunTable table);

// Where it was trained: the name of the machine, and the number of the process on it.
enum class Whereabouts { kept, left_out };

// The whole run: {"config", "run", "sessions", "metrics", "evaluations", "events"}, one row in each
// line; parse_exported_run() reads it. Throws Error when the configuration cannot be read.
std::string run_json(const RunFiles& files, RunReader& reader,
                     Whereabouts whereabouts = Whereabouts::kept);

// What was measured, as a file for TensorBoard; equal runs give equal files.
std::string run_event_file(RunReader& reader);

// events.out.tfevents.SECONDS.reformer, SECONDS of when the run was created: writing it anew
// replaces it. TensorBoard knows its files by the first part.
std::string event_file_name(const RunState& state);

}  // namespace reformer
