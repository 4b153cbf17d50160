// A directory for several runs: a sweep's or a study's.
#pragma once

#include <filesystem>

#include "reformer/run/output_directory.h"
#include "reformer/run/run_lock.h"

namespace reformer::apps {

class RunsDirectory {
 public:
  // Creates the directory and keeps other processes out of it. Throws Error when that fails, or
  // when it is a run itself.
  explicit RunsDirectory(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return directory_.path(); }

 private:
  OutputDirectory directory_;
  RunLock lock_;
};

}  // namespace reformer::apps
