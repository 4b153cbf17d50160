#include "reformer/run/run_removal.h"

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/run/run_files.h"
#include "reformer/run/run_lock.h"
#include "reformer/run/run_reader.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

template <class Look>
bool succeeds(Look look) {
  try {
    look();
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool is_link(const fs::path& path) {
  std::error_code ignored;
  return fs::is_symlink(path, ignored);
}

}  // namespace

void require_run(const fs::path& directory) {
  const fs::path path = directory.has_filename() ? directory : directory.parent_path();
  const RunFiles files{path};
  for (const fs::path& part : {path, path / "checkpoints"}) {
    if (is_link(part)) {
      fail(part.string(),
           "expected the directory itself, found a symbolic link; try what it names");
    }
  }
  const bool is_run = succeeds([&] { read_run_config(files); }) ||
                      succeeds([&] { RunReader reader(files.database()); });
  if (!is_run) {
    fail(path.string(),
         "expected a run, by its config.json or run.db, found none that can be read; try another "
         "directory");
  }
}

std::vector<fs::path> delete_run(const fs::path& directory, double unix_seconds) {
  require_run(directory);
  const fs::path path = directory.has_filename() ? directory : directory.parent_path();
  const RunFiles files{path};
  {
    const RunLock lock(files.lock(), unix_seconds);
    remove_run(files);
  }
  std::error_code not_empty;
  fs::remove(path / "checkpoints", not_empty);
  fs::remove(path, not_empty);
  std::vector<fs::path> rest;
  std::error_code code;
  for (fs::directory_iterator entry(path, code), end; !code && entry != end;
       entry.increment(code)) {
    rest.push_back(entry->path());
  }
  std::ranges::sort(rest);
  return rest;
}

}  // namespace reformer
