// Reads a row of a table that is written as a JSON object: its keys are the columns.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/base/settings.h"

namespace reformer {

// Each call reads the column of that name, and throws Error where it is missing or of another type.
class RowReader {
 public:
  // Both must outlive this. Throws Error where the row is no object.
  RowReader(const nlohmann::json& row, std::string_view where) : row_(row), where_(where) {
    if (!row.is_object()) fail(where, "expected an object, found {}", describe(row));
  }

  void operator()(const char* name, std::string& text) {
    text = internal::text_from_json(value(name), at(name));
  }
  void operator()(const char* name, int64_t& number) {
    number = internal::integer_from_json(value(name), {}, at(name));
  }
  void operator()(const char* name, uint64_t& number) {
    const nlohmann::json& found = value(name);
    if (!found.is_number_unsigned()) {
      fail(at(name), "expected an integer from 0 to 2^64 - 1, found {}", describe(found));
    }
    number = found.get<uint64_t>();
  }
  // null: not measured, NaN.
  void operator()(const char* name, double& number) {
    const nlohmann::json& found = value(name);
    number = found.is_null() ? std::numeric_limits<double>::quiet_NaN()
                             : internal::number_from_json(found, {}, at(name));
  }
  // 0 or 1, as SQLite has it.
  void operator()(const char* name, bool& yes) {
    yes = internal::integer_from_json(value(name), between(0, 1), at(name)) != 0;
  }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void operator()(const char* name, Enum& choice) {
    choice = internal::enum_from_json<Enum>(value(name), at(name));
  }
  // null: empty.
  void nullable(const char* name, std::string& text) {
    const nlohmann::json& found = value(name);
    text = found.is_null() ? "" : internal::text_from_json(found, at(name));
  }

  // Throws Error where the row has more columns than were read.
  void finish() const {
    if (row_.size() != columns_) {
      fail(where_, "expected {} columns, found {}", columns_, row_.size());
    }
  }

 private:
  const nlohmann::json& value(const char* name) {
    ++columns_;
    const auto found = row_.find(name);
    if (found == row_.end()) fail(where_, "expected '{}', found none", name);
    return *found;
  }
  std::string at(const char* name) const { return fmt::format("{}: {}", where_, name); }

  const nlohmann::json& row_;
  std::string_view where_;
  size_t columns_ = 0;
};

}  // namespace reformer
