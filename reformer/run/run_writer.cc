#include "reformer/run/run_writer.h"

#include <unistd.h>

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/run_reader.h"
#include "reformer/run/run_schema.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;
using internal::Sqlite;
using internal::Statement;

// Counts are text where SQLite's signed integers do not hold them.
std::string text_of(uint64_t value) { return fmt::format("{}", value); }

void remove_database(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
  fs::remove(path.string() + "-journal", ignored);
}

}  // namespace

RunWriter RunWriter::create(const fs::path& path, const RunState& state) {
  if (fs::exists(path)) {
    fail(path.string(), "expected no database, found one; try another directory");
  }
  const fs::path temporary = path.parent_path() / fmt::format(".run.db.{}.tmp", ::getpid());
  remove_database(temporary);  // of a killed process that had our number
  try {
    RunWriter writer{Sqlite(temporary, Sqlite::Mode::create)};
    writer.set_state(state);
    const bool written = writer.database_.transaction(0, [&] {
      internal::create_run_schema(writer.database_);
      writer.write_state();
    });
    REFORMER_CHECK(written);
  } catch (...) {
    remove_database(temporary);
    throw;
  }
  move_file_durably(temporary, path);
  return RunWriter(path);
}

RunWriter::RunWriter(const fs::path& path) : database_(path, Sqlite::Mode::write) {
  internal::check_run_schema(database_);
  state_ = RunReader(path).state();
}

void RunWriter::forget_after(int64_t step) {
  last_kept_ = forgets_ ? std::min(last_kept_, step) : step;
  forgets_ = true;
  std::erase_if(metrics_, [step](const StepMetrics& m) { return m.step > step; });
  std::erase_if(evaluations_, [step](const EvaluationRecord& e) { return e.step > step; });
}

bool RunWriter::commit(double unix_seconds, int patience_ms) {
  state_.updated_at = unix_seconds;
  const Session before = session_;
  try {
    if (!database_.transaction(patience_ms, [this] { write_all(); })) {
      session_.id = before.id;
      return false;
    }
  } catch (...) {
    session_.id = before.id;
    throw;
  }
  forgets_ = false;
  metrics_.clear();
  evaluations_.clear();
  events_.clear();
  return true;
}

void RunWriter::write_all() {
  if (forgets_) {
    for (const char* table : {"metrics", "evaluations"}) {
      database_.prepare(fmt::format("DELETE FROM {} WHERE step > ?", table)).bind(last_kept_).run();
    }
  }
  write_state();
  write_session();
  write_metrics();
  write_evaluations();
  write_events();
}

void RunWriter::write_state() {
  database_
      .prepare(
          "INSERT OR REPLACE INTO run (id, name, seed, steps, step, status, reason, seconds, "
          "created_at, updated_at) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(state_.name)
      .bind(state_.seed)
      .bind(state_.steps)
      .bind(state_.step)
      .bind(enum_name(state_.status))
      .bind(state_.reason)
      .bind(state_.seconds)
      .bind(state_.created_at)
      .bind(state_.updated_at)
      .run();
}

void RunWriter::write_session() {
  if (session_.pid == 0) return;  // none was begun
  if (session_.id == 0) {
    Statement next = database_.prepare("SELECT ifnull(max(id), 0) + 1 FROM sessions");
    next.next();
    session_.id = next.integer();
  }
  session_.last_step = state_.step;
  database_
      .prepare(
          "INSERT OR REPLACE INTO sessions (id, started_at, ended_at, first_step, last_step, "
          "threads, pid, host, cpu, simd, version, commit_id) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(session_.id)
      .bind(session_.started_at)
      .bind(session_.ended_at)
      .bind(session_.first_step)
      .bind(session_.last_step)
      .bind(session_.threads)
      .bind(session_.pid)
      .bind(session_.host)
      .bind(session_.cpu)
      .bind(session_.simd)
      .bind(session_.version)
      .bind(session_.commit)
      .run();
}

void RunWriter::write_metrics() {
  Statement insert = database_.prepare(
      "INSERT OR REPLACE INTO metrics (step, loss, accuracy, learning_rate, momentum, "
      "gradient_norm, lost_pairs, hash_recall, attention_entropy, applied, seconds, "
      "steps_per_second) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const StepMetrics& m : metrics_) {
    insert.bind(m.step)
        .bind(m.loss)
        .bind(m.accuracy)
        .bind(m.learning_rate)
        .bind(m.momentum)
        .bind(m.gradient_norm)
        .bind(m.lost_pairs)
        .bind(m.hash_recall)
        .bind(m.attention_entropy)
        .bind(int64_t{m.applied})
        .bind(m.seconds)
        .bind(m.steps_per_second)
        .run();
  }
}

void RunWriter::write_evaluations() {
  Statement insert = database_.prepare(
      "INSERT OR REPLACE INTO evaluations (step, attention, semantics, data_seed, rotation_seed, "
      "sequences, scored, loss, accuracy, lost_pairs, hash_recall, attention_entropy, seconds) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const EvaluationRecord& e : evaluations_) {
    insert.bind(e.step)
        .bind(e.attention)
        .bind(e.semantics)
        .bind(e.data_seed)
        .bind(text_of(e.rotation_seed))
        .bind(e.sequences)
        .bind(e.scored)
        .bind(e.loss)
        .bind(e.accuracy)
        .bind(e.lost_pairs)
        .bind(e.hash_recall)
        .bind(e.attention_entropy)
        .bind(e.seconds)
        .run();
  }
}

void RunWriter::write_events() {
  Statement insert = database_.prepare(
      "INSERT INTO events (time, step, level, kind, message, data) VALUES (?, ?, ?, ?, ?, ?)");
  for (const Event& e : events_) {
    insert.bind(e.time).bind(e.step).bind(enum_name(e.level)).bind(e.kind).bind(e.message);
    (e.data.empty() ? insert.bind_null() : insert.bind(e.data)).run();
  }
}

}  // namespace reformer
