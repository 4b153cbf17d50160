// The tables of a run's database.
#pragma once

#include <string_view>

#include "reformer/run/sqlite.h"

namespace reformer {

// Raised with every change of the tables.
inline constexpr int kRunSchemaVersion = 1;

// The statements that create the tables, as docs/run-format.md shows them.
std::string_view run_schema();

namespace internal {

void create_run_schema(Sqlite& database);

// Throws Error unless the database is a run's, of this version, and holds exactly these tables.
// Other tables may stand beside them.
void check_run_schema(Sqlite& database);

}  // namespace internal
}  // namespace reformer
