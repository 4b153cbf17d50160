// The part of a report that is about one run.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>

#include "reformer/report/curve.h"
#include "reformer/report/sources.h"
#include "reformer/run/run_reader.h"

namespace reformer {

struct CurveDetail {
  int64_t buckets = 4096;  // of loss and accuracy; other curves have a quarter
  CurveEncoding encoding = CurveEncoding::packed;
};

// {"name", "attention", "seed", "steps", "step", "status" (as in run.db, or "killed" where nobody
//  trains it although it says so), "reason", "seconds", "created_at", "updated_at", "config",
//  "written_by", "command", "sessions", "events", "curves": {"loss": ...}, "evaluations": [...]}.
// Names no host and no process: a report is made to be passed on. Throws Error when the run cannot
// be read.
nlohmann::ordered_json run_part(const ReportSource& run, const CurveDetail& detail);

// Those of the fields above that change while a run goes on, but for the curves. held: whether a
// process has the run's lock.
nlohmann::ordered_json run_progress(RunReader& reader, bool held, const CurveDetail& detail);

// Rows as they continue curves: {"steps": [...], "curves": {"loss": [...], ...}, "sampled": [...]}.
// A quantity that is nowhere finite is left out; in a sampled one null is no gap.
nlohmann::ordered_json rows_json(std::span<const StepMetrics> rows);

}  // namespace reformer
