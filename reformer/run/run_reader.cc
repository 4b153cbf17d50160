#include "reformer/run/run_reader.h"

#include <charconv>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/run/run_schema.h"
#include "reformer/run/sqlite.h"

namespace reformer {
namespace {

using internal::Statement;

template <class Enum>
Enum value_named(const std::string& name, std::string_view where) {
  for (const auto& [value, known] : EnumNames<Enum>::names) {
    if (known == name) return value;
  }
  fail(where, "expected one of the known states and levels, found {}; the database is damaged",
       quote_text(name));
}

uint64_t unsigned_of(const std::string& text, std::string_view where) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(where, "expected a rotation seed from 0 to 2^64 - 1, found {}", quote_text(text));
  }
  return value;
}

constexpr std::string_view kSelectMetrics =
    "SELECT step, loss, accuracy, learning_rate, momentum, gradient_norm, lost_pairs, "
    "hash_recall, attention_entropy, applied, seconds, steps_per_second FROM metrics";

// Columns are read in the order of the SELECT; braces evaluate from left to right.
StepMetrics metrics_row(Statement& row) {
  return {row.integer(), row.number(),       row.number(),  row.number(),
          row.number(),  row.number(),       row.integer(), row.number(),
          row.number(),  row.integer() != 0, row.number(),  row.number()};
}

template <class Row, class Read>
std::vector<Row> all_rows(Statement statement, Read read) {
  std::vector<Row> rows;
  while (statement.next()) rows.push_back(read(statement));
  return rows;
}

}  // namespace

RunReader::RunReader(const std::filesystem::path& path) {
  // A query that fails otherwise (no permission, say) leaves the answer to SQLite.
  if (std::error_code error; !std::filesystem::exists(path, error) && !error) {
    fail(path.parent_path().string(),
         "expected the directory of a run, found no {} there; try "
         "`reformer runs list`",
         path.filename().string());
  }
  database_ = std::make_unique<internal::Sqlite>(path, internal::Sqlite::Mode::read);
  internal::check_run_schema(*database_);
}

RunReader::~RunReader() = default;

RunState RunReader::state() {
  Statement row = database_->prepare(
      "SELECT name, seed, steps, step, status, reason, seconds, created_at, updated_at FROM run");
  if (!row.next()) fail(database_->where(), "expected a row in `run`, found none");
  return {row.text(),
          row.integer(),
          row.integer(),
          row.integer(),
          value_named<RunStatus>(row.text(), database_->where()),
          row.text(),
          row.number(),
          row.number(),
          row.number()};
}

std::vector<Session> RunReader::sessions() {
  return all_rows<Session>(
      database_->prepare("SELECT id, started_at, ended_at, first_step, last_step, threads, pid, "
                         "host, cpu, simd, version, commit_id FROM sessions ORDER BY id"),
      [](Statement& row) {
        return Session{row.integer(), row.number(),  row.number(),  row.integer(),
                       row.integer(), row.integer(), row.integer(), row.text(),
                       row.text(),    row.text(),    row.text(),    row.text()};
      });
}

std::vector<StepMetrics> RunReader::metrics(int64_t after_step) {
  Statement statement =
      database_->prepare(fmt::format("{} WHERE step > ? ORDER BY step", kSelectMetrics));
  statement.bind(after_step);
  return all_rows<StepMetrics>(std::move(statement), metrics_row);
}

std::optional<StepMetrics> RunReader::last_metrics() {
  Statement row = database_->prepare(fmt::format("{} ORDER BY step DESC LIMIT 1", kSelectMetrics));
  if (!row.next()) return std::nullopt;
  return metrics_row(row);
}

std::vector<EvaluationRecord> RunReader::evaluations(int64_t after_step) {
  Statement statement = database_->prepare(
      "SELECT step, attention, semantics, data_seed, rotation_seed, sequences, scored, loss, "
      "accuracy, lost_pairs, hash_recall, attention_entropy, seconds FROM evaluations "
      "WHERE step > ? ORDER BY step, attention, semantics, data_seed, rotation_seed, sequences");
  statement.bind(after_step);
  return all_rows<EvaluationRecord>(std::move(statement), [this](Statement& row) {
    return EvaluationRecord{row.integer(),
                            row.text(),
                            row.text(),
                            row.integer(),
                            unsigned_of(row.text(), database_->where()),
                            row.integer(),
                            row.integer(),
                            row.number(),
                            row.number(),
                            row.integer(),
                            row.number(),
                            row.number(),
                            row.number()};
  });
}

std::vector<Event> RunReader::events(int64_t after_id) {
  Statement statement = database_->prepare(
      "SELECT id, time, step, level, kind, message, ifnull(data, '') FROM events WHERE id > ? "
      "ORDER BY id");
  statement.bind(after_id);
  return all_rows<Event>(std::move(statement), [this](Statement& row) {
    return Event{row.integer(), row.number(),
                 row.integer(), value_named<EventLevel>(row.text(), database_->where()),
                 row.text(),    row.text(),
                 row.text()};
  });
}

RunRecords RunReader::records() {
  return {state(), sessions(), metrics(), evaluations(), events()};
}

void RunReader::check_integrity() {
  Statement statement = database_->prepare("PRAGMA integrity_check(1)");
  const std::string found = statement.next() ? statement.text() : "nothing";
  if (found != "ok") {
    fail(database_->where(), "expected an intact database, found: {}; try a copy of it from before",
         quote_text(found));
  }
}

}  // namespace reformer
