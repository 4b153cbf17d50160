#include "reformer/run/output_directory.h"

#include <algorithm>

#include "reformer/base/files.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

// As given, so that messages show it so; but without a slash at the end, which would make the
// directory its own parent, and without "..", which means nothing behind a missing directory.
fs::path tidied(fs::path path) {
  if (std::ranges::find(path, fs::path("..")) != path.end()) path = fs::weakly_canonical(path);
  return path.has_filename() ? path : path.parent_path();
}

fs::path existing_part(fs::path path) {
  std::error_code ignored;
  while (path.has_relative_path() && !fs::exists(path, ignored)) path = path.parent_path();
  return path;
}

// Permissions alone do not tell: root has all of them even where nothing can be written.
void try_to_write(const fs::path& directory) {
  const fs::path probe = directory / ".probe.tmp";
  std::error_code ignored;
  try {
    write_file_atomically(probe, "");
  } catch (...) {
    fs::remove(probe, ignored);
    throw;
  }
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
