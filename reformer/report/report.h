// Everything that a report shows, as data.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "reformer/report/curve.h"
#include "reformer/report/sources.h"

namespace reformer {

struct Report {
  // {"format": "reformer report", "version": 1, "written_by": {"version", "commit"}, "published":
  //  {"trained", "evaluated", "paper", "seed_report", "step_tokens", "paper_times",
  //  "seed_report_times"}, "settings": [{"part", "name", "help"}],
  //  "runs": [run_part], "tables": [...], "discrepancies": [...], "speeds": [...], "task": {...} or
  //  null, "problems": [{"name", "message"}]}
  nlohmann::ordered_json document;
  std::vector<ReportProblem> problems;  // also in the document
};

// Reads what is at and under `paths`. A run or a result that cannot be read becomes a problem. All
// runs together take about 1.6 MB at most, see RunDetail. Throws Error when there is nothing that
// can be shown.
Report make_report(const std::vector<std::filesystem::path>& paths, CurveEncoding encoding);

// The parts of the document, for those who keep it up to date. Each names what it could not read in
// `problems`.
nlohmann::ordered_json empty_document();
void add_results(nlohmann::ordered_json& document, const std::vector<ReportSource>& results,
                 std::vector<ReportProblem>& problems);
// An example of the task of the first of `runs`; null where there is none.
nlohmann::ordered_json task_part(const nlohmann::ordered_json& runs,
                                 std::vector<ReportProblem>& problems);
nlohmann::ordered_json problems_json(const std::vector<ReportProblem>& problems);

// What went wrong with `source`, without the path of its place: a message names a file by its whole
// path, and a report must not tell where its maker keeps things.
ReportProblem problem_of(const ReportSource& source, std::string message);

// What each run may take when so many share one report.
size_t bytes_for(size_t runs);

}  // namespace reformer
