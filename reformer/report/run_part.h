// The part of a report that is about one run.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "reformer/report/curve.h"
#include "reformer/report/sources.h"

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

}  // namespace reformer
