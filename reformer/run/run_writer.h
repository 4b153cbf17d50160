// Writes a run's database. One process writes, any number may read; docs/run-format.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reformer/run/run_records.h"
#include "reformer/run/sqlite.h"

namespace reformer {

class RunWriter {
 public:
  // A new database at `path`, which appears there complete or not at all. Replaces nothing: throws
  // Error when there is a file.
  static RunWriter create(const std::filesystem::path& path, const RunState& state);

  // The database of a run that goes on. Throws Error when it is missing, damaged or another's.
  explicit RunWriter(const std::filesystem::path& path);

  // What is added waits in memory, in order, for the next commit. A metric or an evaluation takes
  // the place of an earlier one of the same step.
  void add(const StepMetrics& metrics) { metrics_.push_back(metrics); }
  void add(const EvaluationRecord& evaluation) { evaluations_.push_back(evaluation); }
  void add(const Event& event) { events_.push_back(event); }
  void set_state(const RunState& state) { state_ = state; }
  const RunState& state() const { return state_; }

  // This process's row in `sessions`; begun by the first commit after it.
  void begin_session(const Session& session) { session_ = session; }
  void end_session(double unix_seconds) { session_.ended_at = unix_seconds; }

  // Metrics and evaluations beyond `step` are removed by the next commit, before what is added.
  void forget_after(int64_t step);

  // Writes all that waits, and the state as of then, in one durable transaction. False when a
  // reader is in the way for longer than `patience_ms`: everything then waits on. Throws Error when
  // the disk fails; the database is then as it was after the commit before.
  bool commit(double unix_seconds, int patience_ms);

 private:
  explicit RunWriter(internal::Sqlite database) : database_(std::move(database)) {}

  void write_all();
  void write_session();
  void write_state();
  void write_metrics();
  void write_evaluations();
  void write_events();

  internal::Sqlite database_;
  RunState state_;
  Session session_;  // id 0: none yet
  bool forgets_ = false;
  int64_t last_kept_ = 0;
  std::vector<StepMetrics> metrics_;
  std::vector<EvaluationRecord> evaluations_;
  std::vector<Event> events_;
};

}  // namespace reformer
