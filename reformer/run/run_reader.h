// Reads a run's database, also while another process writes it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "reformer/run/run_records.h"

namespace reformer {

namespace internal {
class Sqlite;
}

class RunReader {
 public:
  // Throws Error when there is no database of a run at `path`, or one of another version. Needs the
  // right to write only where a commit was cut short by a crash, to take it back.
  explicit RunReader(const std::filesystem::path& path);
  ~RunReader();

  // Each is one consistent look. Throws Error when the database is damaged.
  RunState state();
  std::vector<Session> sessions();
  std::vector<StepMetrics> metrics(int64_t after_step = 0);  // by step
  std::optional<StepMetrics> last_metrics();
  std::vector<EvaluationRecord> evaluations(int64_t after_step = 0);  // by step, attention, ...
  std::vector<Event> events(int64_t after_id = 0);                    // by id
  RunRecords records();                                               // one look at each table

  // SQLite's own look at every page. Throws Error that says what is damaged.
  void check_integrity();

 private:
  std::unique_ptr<internal::Sqlite> database_;
};

}  // namespace reformer
