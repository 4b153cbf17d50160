#pragma once

namespace reformer {

// Version of the library, "major.minor.patch".
const char* version();

// Abbreviated git commit that was built, with "-dirty" appended when tracked files differed from
// it; "unknown" when the sources were not a git checkout.
const char* commit();

}  // namespace reformer
