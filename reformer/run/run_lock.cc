#include "reformer/run/run_lock.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string_view>
#include <thread>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

[[noreturn]] void fail_on(const fs::path& path, int error) {
  fail(path.string(),
       "expected a lock file that can be written, found: {}; try a directory that "
       "can be written to",
       std::strerror(error));
}

// Somebody who only looks holds the lock for an instant, so a refusal counts when it lasts.
constexpr int kTries = 10;
constexpr auto kBetweenTries = 20ms;

enum class Locked { yes, by_another, unsupported };

Locked try_flock(int fd, int operation) {
  if (::flock(fd, operation | LOCK_NB) == 0) return Locked::yes;
  return errno == EWOULDBLOCK || errno == EINTR ? Locked::by_another : Locked::unsupported;
}

bool write_at_start(int fd, std::string_view text) {
  for (off_t at = 0; static_cast<size_t>(at) < text.size();) {
    const std::string_view rest = text.substr(static_cast<size_t>(at));
    const ssize_t written = ::pwrite(fd, rest.data(), rest.size(), at);
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) at += written;
  }
  return true;
}

// What a lock file says; nothing where it is empty or not ours, as after a crash.
std::optional<LockHolder> parse_holder(const fs::path& path) {
  try {
    const nlohmann::json object = parse_json(read_file(path), path.string());
    LockHolder holder;
    holder.process.pid = object.at("pid").get<int64_t>();
    holder.process.host = object.at("host").get<std::string>();
    holder.process.boot_id = object.at("boot_id").get<std::string>();
    holder.process.start_ticks = object.at("start_ticks").get<int64_t>();
    holder.since = object.at("since").get<double>();
    return holder;
  } catch (const Error&) {
    return std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::string describe(const LockHolder& holder) {
  const auto seconds = static_cast<std::time_t>(holder.since);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("process {} on host {}, since {:%Y-%m-%d %H:%M:%S} UTC", holder.process.pid,
                     quote_text(holder.process.host), utc);
}

RunLock::RunLock(const fs::path& path, double unix_seconds) : path_(path) {
  try {
    acquire();
    write_holder(unix_seconds);
  } catch (...) {
    let_go();
    throw;
  }
}

RunLock::~RunLock() { let_go(); }

void RunLock::let_go() {
  if (fd_ < 0) return;
  if (is_file_at_path()) ::unlink(path_.c_str());
  ::close(std::exchange(fd_, -1));
}

void RunLock::acquire() {
  for (int tries = 1;; ++tries) {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd_ < 0) fail_on(path_, errno);
    Locked locked = try_flock(fd_, LOCK_EX);
    // Who lets go removes the file: a lock on one that is no longer there protects nothing.
    if (locked == Locked::yes && is_file_at_path()) {
      taken_over_ = parse_holder(path_);
      return;
    }
    if (locked == Locked::unsupported) {
      const std::optional<LockHolder> holder = parse_holder(path_);
      taken_over_ = holder;
      if (!holder || !may_be_alive(holder->process)) return;
      locked = Locked::by_another;
    }
    ::close(std::exchange(fd_, -1));
    if (tries < kTries) {
      std::this_thread::sleep_for(kBetweenTries);
      continue;
    }
    const std::optional<LockHolder> holder = parse_holder(path_);
    fail(path_.string(),
         "expected a run that no other process trains, found {}; try again when it has ended, or "
         "another directory",
         holder ? describe(*holder) : "one that does");
  }
}

bool RunLock::is_file_at_path() const {
  struct stat held{};
  struct stat found{};
  return ::fstat(fd_, &held) == 0 && ::lstat(path_.c_str(), &found) == 0 &&
         held.st_dev == found.st_dev && held.st_ino == found.st_ino;
}

void RunLock::check() const {
  if (is_file_at_path()) return;
  fail(path_.string(),
       "expected the lock of this process, found none or another; the directory was removed, moved "
       "or replaced while it was trained in: try to bring it back");
}

void RunLock::write_holder(double unix_seconds) const {
  const ProcessIdentity self = this_process();
  const std::string text = nlohmann::ordered_json{{"pid", self.pid},
                                                  {"host", self.host},
                                                  {"boot_id", self.boot_id},
                                                  {"start_ticks", self.start_ticks},
                                                  {"since", unix_seconds}}
                               .dump() +
                           "\n";
  const bool written = ::ftruncate(fd_, 0) == 0 && write_at_start(fd_, text);
  if (!written) fail_on(path_, errno);
}

std::optional<LockHolder> RunLock::holder_of(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return std::nullopt;
  const Locked free = try_flock(fd, LOCK_SH);
  ::close(fd);  // and lets go
  if (free == Locked::yes) return std::nullopt;
  std::optional<LockHolder> holder = parse_holder(path);
  if (free == Locked::unsupported && holder && !may_be_alive(holder->process)) return std::nullopt;
  return holder ? holder : LockHolder{};
}

}  // namespace reformer
