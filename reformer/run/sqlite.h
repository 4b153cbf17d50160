// SQLite behind three small classes: errors are Error, memory has owners.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace reformer::internal {

// One SQL statement. Parameters are bound from 1 on, columns read from 0 on.
class Statement {
 public:
  Statement& bind(int64_t value);
  Statement& bind(double value);  // NaN becomes NULL
  Statement& bind(std::string_view text);
  Statement& bind_null();

  // Moves to the next row; false behind the last one.
  bool next();
  // Runs a statement without rows once, with what is bound, and makes it ready to be bound anew.
  void run();

  // Columns of the current row, from left to right with each call. A type that does not fit is an
  // Error.
  int64_t integer();
  double number();  // NULL is NaN
  std::string text();

 private:
  friend class Sqlite;
  Statement(sqlite3* database, std::string_view sql, const std::string& where);
  void check_type(int expected, std::string_view name);

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  sqlite3* database_;
  std::string where_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0, column_ = 0;
};

class Sqlite {
 public:
  enum class Mode { create, write, read };

  // write, read: there must be a file. Reading asks for the right to
  // write where it can, for only that takes back a commit that was cut short; it writes nothing
  // else. Files are not trusted: no extension, trigger or view of theirs runs anything.
  Sqlite(const std::filesystem::path& path, Mode mode);

  Statement prepare(std::string_view sql) { return {database_.get(), sql, where_}; }
  void execute(const std::string& sql);

  // Runs `body` in one transaction. False when another process is in the way for longer than
  // `patience_ms`; nothing is changed then, nor when `body` throws.
  template <class Body>
  bool transaction(int patience_ms, Body body) {
    if (!begin(patience_ms)) return false;
    try {
      body();
      return commit();
    } catch (...) {
      roll_back();
      throw;
    }
  }

  const std::string& where() const { return where_; }

 private:
  bool begin(int patience_ms);
  bool commit();
  void roll_back() noexcept;

  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::string where_;
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace reformer::internal
