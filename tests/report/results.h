#pragma once

#include <filesystem>

namespace reformer::test {

// What the studies found, as the repository keeps it.
inline const std::filesystem::path kResults =
    std::filesystem::path(REFORMER_SOURCE_DIR) / "results";

}  // namespace reformer::test
