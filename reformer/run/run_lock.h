// One process trains a run at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "reformer/base/host.h"

namespace reformer {

struct LockHolder {
  ProcessIdentity process;
  double since = 0;  // seconds since 1970
};

// "process 17 on host here, since 2026-11-24 08:30:00 UTC"
std::string describe(const LockHolder& holder);

// A file that is locked (flock) while this lives and says who holds it. The system lets go of the
// lock of a process that dies, however it dies, so what is left of one is simply taken over. Where
// a file system has no locks, the process that the file names decides.
class RunLock {
 public:
  // Throws Error that names the holder when another process has it, or when the file cannot be
  // written.
  RunLock(const std::filesystem::path& path, double unix_seconds);
  ~RunLock();  // removes the file
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  // The process that held it and died, if there was one.
  const std::optional<LockHolder>& taken_over() const { return taken_over_; }

  // Throws Error when the file is no longer the one that was locked: the directory was removed,
  // renamed or replaced, and what is written there would go to somebody else.
  void check() const;

  // Whoever holds the lock at `path` now; nothing when nobody does.
  static std::optional<LockHolder> holder_of(const std::filesystem::path& path);

 private:
  void acquire();
  void let_go();
  bool is_file_at_path() const;
  void write_holder(double unix_seconds) const;

  std::filesystem::path path_;
  int fd_ = -1;
  std::optional<LockHolder> taken_over_;
};

}  // namespace reformer
