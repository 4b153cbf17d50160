// Reading all that the database of a run holds.
#pragma once

#include <filesystem>

#include "reformer/run/run_reader.h"

namespace reformer::test {

// Throws Error where the reader does.
inline void read_run(const std::filesystem::path& database) {
  RunReader reader(database);
  static_cast<void>(reader.state());
  static_cast<void>(reader.sessions());
  static_cast<void>(reader.metrics());
  static_cast<void>(reader.evaluations());
  static_cast<void>(reader.events());
  reader.check_integrity();
}

}  // namespace reformer::test
