// The part of a report that is about one run.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>

#include "reformer/report/curve.h"
#include "reformer/report/sources.h"
#include "reformer/run/run_reader.h"

namespace reformer {

// How much a report tells of a run. Curves are as fine as what the rest leaves, up to 4096 buckets
// of loss and accuracy and a quarter of the others, and not less than 64; a quarter of the bytes at
// most is for evaluations, an eighth for events. What is left out is the same in each encoding.
struct RunDetail {
  size_t bytes = 1'600'000;
  CurveEncoding encoding = CurveEncoding::packed;
};

// {"name", "attention", "seed", "steps", "step", "status" (as in run.db, or "killed" where nobody
//  trains it although it says so), "reason", "seconds", "created_at", "updated_at", "config",
//  "written_by", "command", "sessions", "events", "events_left_out": {"warning": ...},
//  "curves": {"loss": ...}, "evaluations": [...]}. Of many events the severest are kept, of those
// the newest; what is left out is counted by level.
// Names no host and no process: a report is made to be passed on. The run may be a directory or an
// exported one. Throws Error when it cannot be read.
nlohmann::ordered_json run_part(const ReportSource& run, const RunDetail& detail);

// Those of the fields above that change while a run goes on, but for the curves. held: whether a
// process has the run's lock.
nlohmann::ordered_json run_progress(const RunRecords& records, bool held, const RunDetail& detail);

// Rows as they continue curves: {"steps": [...], "curves": {"loss": [...], ...}, "sampled": [...]}.
// A quantity that is nowhere finite is left out; in a sampled one null is no gap.
nlohmann::ordered_json rows_json(std::span<const StepMetrics> rows);

}  // namespace reformer
