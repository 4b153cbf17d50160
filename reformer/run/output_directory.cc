#include "reformer/run/output_directory.h"

#include "reformer/base/files.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

// Without a slash at the end, which would make the directory its own parent.
fs::path tidied(const fs::path& path) {
  const fs::path normal = fs::absolute(path).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

fs::path existing_part(fs::path path) {
  std::error_code ignored;
  while (path.has_relative_path() && !fs::exists(path, ignored)) path = path.parent_path();
  return path;
}

// Permissions alone do not tell: root has all of them even where nothing can be written.
void try_to_write(const fs::path& directory) {
  const fs::path probe = directory / ".reformer-probe";
  write_file_atomically(probe, "");
  std::error_code ignored;
  fs::remove(probe, ignored);
}

}  // namespace

OutputDirectory::OutputDirectory(const fs::path& path)
    : path_(tidied(path)), existing_(existing_part(path_)) {
  try {
    ensure_writable_directory(path_);
    try_to_write(path_);
  } catch (...) {
    remove_created();
    throw;
  }
}

OutputDirectory::~OutputDirectory() { remove_created(); }

void OutputDirectory::remove_created() {
  std::error_code code;
  for (fs::path path = path_; path != existing_ && path.has_relative_path();
       path = path.parent_path()) {
    fs::remove(path, code);  // fails where it is not empty
    if (code) return;
  }
}

}  // namespace reformer
