#include "reformer/run/sqlite.h"

#include <sqlite3.h>

#include <cmath>
#include <new>

#include "reformer/base/error.h"

namespace reformer::internal {
namespace {

namespace fs = std::filesystem;

constexpr int kReadPatienceMs = 10'000;  // a commit takes milliseconds
constexpr int kLongestText = 1 << 24;    // bytes of one value
constexpr int kLongestStatement = 1 << 16;

std::string_view advice(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "free some space on its disk";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "a path that exists, can be written to, and was not moved meanwhile";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "again when no other program has it open";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "a copy of it from before";
    default:
      return "another disk";
  }
}

[[noreturn]] void fail_with(sqlite3* database, int code, std::string_view where) {
  if ((code & 0xff) == SQLITE_NOMEM) throw std::bad_alloc();
  const char* message = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  fail(where, "expected a run's database that works, found: {}; try {}", message, advice(code));
}

bool is_busy(int code) { return (code & 0xff) == SQLITE_BUSY; }

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement::Statement(sqlite3* database, std::string_view sql, const std::string& where)
    : database_(database), where_(where) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  statement_.reset(statement);
  if (code != SQLITE_OK) fail_with(database, code, where_);
}

Statement& Statement::bind(int64_t value) {
  REFORMER_CHECK(sqlite3_bind_int64(statement_.get(), ++bound_, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(double value) {
  REFORMER_CHECK(sqlite3_bind_double(statement_.get(), ++bound_, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  const int code = sqlite3_bind_text64(statement_.get(), ++bound_, text.data(), text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) fail_with(database_, code, where_);
  return *this;
}

Statement& Statement::bind_null() {
  REFORMER_CHECK(sqlite3_bind_null(statement_.get(), ++bound_) == SQLITE_OK);
  return *this;
}

bool Statement::next() {
  column_ = 0;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail_with(database_, code, where_);
  return false;
}

void Statement::run() {
  REFORMER_CHECK(!next());
  sqlite3_reset(statement_.get());
  bound_ = 0;
}

void Statement::check_type(int expected, std::string_view name) {
  const int found = sqlite3_column_type(statement_.get(), column_);
  if (found == expected) return;
  const char* column = sqlite3_column_name(statement_.get(), column_);
  fail(where_, "expected {} in column {}, found another type; the database is damaged", name,
       column != nullptr ? column : "?");
}

int64_t Statement::integer() {
  check_type(SQLITE_INTEGER, "an integer");
  return sqlite3_column_int64(statement_.get(), column_++);
}

double Statement::number() {
  if (sqlite3_column_type(statement_.get(), column_) == SQLITE_NULL) {
    ++column_;
    return std::nan("");
  }
  check_type(SQLITE_FLOAT, "a number");
  return sqlite3_column_double(statement_.get(), column_++);
}

std::string Statement::text() {
  check_type(SQLITE_TEXT, "text");
  const auto* bytes = sqlite3_column_text(statement_.get(), column_);
  if (bytes == nullptr) throw std::bad_alloc();
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column_++));
  return {reinterpret_cast<const char*>(bytes), size};
}

void Sqlite::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Sqlite::Sqlite(const fs::path& path, Mode mode) : where_(path.string()) {
  // Where the file itself is a symbolic link it is refused, but a link on the way to it is fine.
  std::error_code ignored;
  const fs::path folder = fs::canonical(path.has_parent_path() ? path.parent_path() : ".", ignored);
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2((folder / path.filename()).c_str(), &database,
                      SQLITE_OPEN_READWRITE | (mode == Mode::create ? SQLITE_OPEN_CREATE : 0) |
                          SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW,
                      nullptr);  // read-only by itself where the file is
  database_.reset(database);
  if (code != SQLITE_OK) fail_with(database, code, where_);
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, kLongestText);
  sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, kLongestStatement);
  sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_busy_timeout(database, kReadPatienceMs);
  execute("PRAGMA cell_size_check = ON");
  execute(mode == Mode::read ? "PRAGMA query_only = ON"
                             : "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA");
}

void Sqlite::execute(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail_with(database_.get(), code, where_);
}

bool Sqlite::begin(int patience_ms) {
  sqlite3_busy_timeout(database_.get(), patience_ms);
  const int code = sqlite3_exec(database_.get(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  if (is_busy(code)) return false;
  if (code != SQLITE_OK) fail_with(database_.get(), code, where_);
  return true;
}

bool Sqlite::commit() {
  const int code = sqlite3_exec(database_.get(), "COMMIT", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return true;
  if (!is_busy(code)) fail_with(database_.get(), code, where_);  // rolled back by the caller
  roll_back();
  return false;
}

void Sqlite::roll_back() noexcept {
  if (sqlite3_get_autocommit(database_.get()) != 0) return;  // some failures roll back themselves
  sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace reformer::internal
