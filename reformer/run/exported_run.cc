#include "reformer/run/exported_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/run/record_json.h"
#include "reformer/run/run_files.h"

namespace reformer {
namespace {

constexpr std::string_view kExportSuffix = ".run.json";
constexpr std::array<std::string_view, 6> kParts = {"config",  "run",         "sessions",
                                                    "metrics", "evaluations", "events"};

template <class Row>
std::vector<Row> rows_of(const nlohmann::json& file, const char* part, std::string_view where) {
  const nlohmann::json& list = file[part];
  if (!list.is_array()) fail(where, "expected a list in '{}', found {}", part, describe(list));
  std::vector<Row> rows(list.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    from_json(list[i], rows[i], fmt::format("{}: row {} of '{}'", where, i + 1, part));
  }
  return rows;
}

// Curves follow the steps.
template <class Row, class Precedes>
void check_steps(const std::vector<Row>& rows, Precedes precedes, const char* part,
                 std::string_view where) {
  const auto disorder = std::ranges::adjacent_find(
      rows, [&](const Row& row, const Row& next) { return !precedes(row.step, next.step); });
  if (disorder != rows.end()) {
    fail(where, "expected '{}' by step, found step {} before {}", part, disorder->step,
         (disorder + 1)->step);
  }
}

}  // namespace

bool is_exported_run(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name.size() > kExportSuffix.size() && name.ends_with(kExportSuffix);
}

ExportedRun parse_exported_run(std::string_view text, std::string_view where) {
  const nlohmann::json file = parse_json(text, where);
  if (!file.is_object()) fail(where, "expected an exported run, found {}", describe(file));
  for (const std::string_view part : kParts) {
    if (!file.contains(part)) {
      fail(where,
           "expected an exported run with '{}', found none; try reformer runs export "
           "--format json",
           part);
    }
  }
  ExportedRun run;
  run.config =
      parse_run_config(file["config"], fmt::format("{}: config", where), MissingSettings::defaults);
  run.written_by = file["config"].value(kWrittenBy, nlohmann::json());
  RunRecords& records = run.records;
  from_json(file["run"], records.state, fmt::format("{}: run", where));
  records.sessions = rows_of<Session>(file, "sessions", where);
  records.metrics = rows_of<StepMetrics>(file, "metrics", where);
  records.evaluations = rows_of<EvaluationRecord>(file, "evaluations", where);
  records.events = rows_of<Event>(file, "events", where);
  check_steps(records.metrics, std::less(), "metrics", where);
  check_steps(records.evaluations, std::less_equal(), "evaluations", where);
  return run;
}

}  // namespace reformer
