#include "reformer/run/run_schema.h"

#include <vector>

#include "reformer/base/error.h"

namespace reformer {
namespace {

constexpr int64_t kApplicationId = 0x52464d52;  // "RFMR", for file(1)

constexpr std::string_view kSchema = R"sql(CREATE TABLE run (                 -- exactly one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  name TEXT NOT NULL,              -- attention in training: full, lsh-4
  seed INTEGER NOT NULL,
  steps INTEGER NOT NULL,          -- that the settings ask for
  step INTEGER NOT NULL,           -- done
  status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'interrupted', 'diverged', 'failed')),
  reason TEXT NOT NULL,            -- of the status, one sentence; may be empty
  seconds REAL NOT NULL,           -- of training so far, over all sessions
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL         -- of the last commit
) STRICT;

CREATE TABLE sessions (            -- one row for each process that trained
  id INTEGER PRIMARY KEY,
  started_at REAL NOT NULL,
  ended_at REAL,                   -- NULL: it runs, or was killed
  first_step INTEGER NOT NULL,     -- done when it started
  last_step INTEGER NOT NULL,      -- done so far
  threads INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  cpu TEXT NOT NULL,
  simd TEXT NOT NULL,
  version TEXT NOT NULL,
  commit_id TEXT NOT NULL
) STRICT;

CREATE TABLE metrics (
  step INTEGER PRIMARY KEY,
  loss REAL,                       -- mean over the scored tokens of the batch, natural logarithm
  accuracy REAL,                   -- part of them that is predicted, 0 to 1
  learning_rate REAL,
  momentum REAL,                   -- beta1 of Adam; NULL for Adafactor, which has none
  gradient_norm REAL,              -- before clipping
  lost_pairs INTEGER NOT NULL,     -- LSH attention; see command-line.md
  hash_recall REAL,                -- LSH attention, 0 to 1
  attention_entropy REAL,          -- natural logarithm
  applied INTEGER NOT NULL,        -- 0: the step was skipped, for it was not finite
  seconds REAL NOT NULL,           -- of training up to the end of this step, over all sessions
  steps_per_second REAL            -- of the last second or so
) STRICT;

CREATE TABLE evaluations (
  step INTEGER NOT NULL,
  attention TEXT NOT NULL,         -- that it was evaluated under: full, lsh-4
  semantics TEXT NOT NULL,
  data_seed INTEGER NOT NULL,
  rotation_seed TEXT NOT NULL,     -- decimal; up to 2^64 - 1, more than an INTEGER holds
  sequences INTEGER NOT NULL,
  scored INTEGER NOT NULL,         -- tokens
  loss REAL,
  accuracy REAL,
  lost_pairs INTEGER NOT NULL,
  hash_recall REAL,
  attention_entropy REAL,
  seconds REAL NOT NULL,           -- that the evaluation took
  PRIMARY KEY (step, attention, semantics, data_seed, rotation_seed, sequences)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  id INTEGER PRIMARY KEY,          -- in order of time
  time REAL NOT NULL,
  step INTEGER NOT NULL,           -- done
  level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
  kind TEXT NOT NULL,              -- started, resumed, interrupted, finished, skipped, diverged, failed, ...
  message TEXT NOT NULL,
  data TEXT                        -- JSON
) STRICT;
)sql";

// Name and text of each statement of the schema, the text as SQLite keeps it: without semicolon.
struct Table {
  std::string name, sql;
};
std::vector<Table> tables() {
  constexpr std::string_view kStart = "CREATE TABLE ";
  std::vector<Table> tables;
  for (size_t at = kSchema.find(kStart); at != std::string_view::npos;) {
    const size_t next = kSchema.find(kStart, at + 1);
    const std::string_view statement = kSchema.substr(at, next - at);
    const std::string_view rest = statement.substr(kStart.size());
    tables.push_back({std::string(rest.substr(0, rest.find(' '))),
                      std::string(statement.substr(0, statement.rfind(';')))});
    at = next;
  }
  return tables;
}

int64_t number_of(internal::Sqlite& database, std::string_view pragma) {
  internal::Statement statement = database.prepare(pragma);
  return statement.next() ? statement.integer() : 0;
}

}  // namespace

std::string_view run_schema() { return kSchema; }

namespace internal {

void create_run_schema(Sqlite& database) {
  database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                               kApplicationId, kRunSchemaVersion));
  database.execute(std::string(kSchema));
}

void check_run_schema(Sqlite& database) {
  const std::string& where = database.where();
  if (number_of(database, "PRAGMA application_id") != kApplicationId) {
    fail(where,
         "expected the database of a run, found another one; try a directory that `reformer train` "
         "wrote");
  }
  const int64_t version = number_of(database, "PRAGMA user_version");
  if (version != kRunSchemaVersion) {
    fail(where, "expected schema version {}, found {}; try the version of reformer that wrote it",
         kRunSchemaVersion, version);
  }
  for (const Table& table : tables()) {
    Statement statement =
        database.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?");
    statement.bind(table.name);
    if (!statement.next() || statement.text() != table.sql) {
      fail(
          where,
          "expected the table `{}` of schema version {}, found {}; the database was altered, try a "
          "copy of it from before",
          table.name, kRunSchemaVersion, "another or none");
    }
  }
}

}  // namespace internal
}  // namespace reformer
