// Preloaded into a program (LD_PRELOAD), this library makes the n-th of its calls that change files
// go wrong. Only files below one directory count. By environment variables:
//   FAULT_ROOT   the directory, as the program names it
//   FAULT_AT     n, from 1
//   FAULT_KIND   enospc, eio  the call fails and does nothing
//                short        a write takes half of its bytes; other calls are as ever
//                full         as enospc, and so does every later call that needs space; the first
//                             of them, if it is a write, still takes half of its bytes
//                kill         the process is killed before the call
//   FAULT_MARK   a file elsewhere that appears when that happened; it names the call
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

constexpr int kMostFiles = 1024;

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

std::string_view variable(const char* name) {
  const char* value = ::getenv(name);
  return value == nullptr ? "" : value;
}

std::atomic<long> calls{0};
std::atomic<bool> full{false};
std::atomic<bool> ours[kMostFiles];  // by file descriptor

bool is_below_root(const char* path) {
  static const std::string_view root = variable("FAULT_ROOT");
  return path != nullptr && !root.empty() && std::string_view(path).starts_with(root);
}
bool is_ours(int fd) { return fd >= 0 && fd < kMostFiles && ours[fd]; }

void leave_mark(const char* call) {
  const int fd = next<int (*)(const char*, int, ...)>("open")(::getenv("FAULT_MARK"),
                                                              O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (fd < 0) return;
  const auto write_all = next<ssize_t (*)(int, const void*, size_t)>("write");
  static_cast<void>(write_all(fd, call, std::strlen(call)));
  next<int (*)(int)>("close")(fd);
}

enum class Verdict { pass, fail, half };

// Counts the call, and says what is to become of it. Sets errno when it is to fail.
Verdict judge(const char* call, bool needs_space, bool is_write) {
  static const long at = ::atol(::getenv("FAULT_AT") == nullptr ? "0" : ::getenv("FAULT_AT"));
  static const std::string_view kind = variable("FAULT_KIND");
  const bool now = ++calls == at;
  if (now) leave_mark(call);
  if (now && kind == "kill") ::kill(::getpid(), SIGKILL);
  if (now && kind == "short") return is_write ? Verdict::half : Verdict::pass;
  if (kind == "full" && needs_space && (full || calls >= at) && at > 0) {
    const bool first = !full.exchange(true);
    errno = ENOSPC;
    return first && is_write ? Verdict::half : Verdict::fail;
  }
  if (!now || kind == "full") return Verdict::pass;
  errno = kind == "eio" ? EIO : ENOSPC;
  return Verdict::fail;
}

int opened(int fd, bool below) {
  if (fd >= 0 && fd < kMostFiles) ours[fd] = below;
  return fd;
}

// Opening for reading changes nothing and is not counted.
template <class Open>
int judged_open(const char* path, int flags, Open open) {
  const bool below = is_below_root(path);
  const bool creates = (flags & O_CREAT) != 0;
  if (below && creates && judge("open", true, false) != Verdict::pass) return -1;
  return opened(open(), below);
}

mode_t mode_of(int flags, va_list rest) {
  return (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(rest, int)) : 0;
}

template <class Write>
ssize_t judged_write(const char* call, int fd, size_t count, Write write) {
  if (!is_ours(fd)) return write(count);
  switch (judge(call, true, true)) {
    case Verdict::fail:
      return -1;
    case Verdict::half:
      return write(count > 1 ? count / 2 : count);
    default:
      return write(count);
  }
}

template <class Call>
int judged(const char* name, bool counts, bool needs_space, Call call) {
  return counts && judge(name, needs_space, false) == Verdict::fail ? -1 : call();
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  static const auto real = next<int (*)(const char*, int, ...)>("open");
  return judged_open(path, flags, [&] { return real(path, flags, mode); });
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  static const auto real = next<int (*)(const char*, int, ...)>("open64");
  return judged_open(path, flags, [&] { return real(path, flags, mode); });
}

ssize_t write(int fd, const void* bytes, size_t count) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return judged_write("write", fd, count, [&](size_t n) { return real(fd, bytes, n); });
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return judged_write("pwrite", fd, count, [&](size_t n) { return real(fd, bytes, n, offset); });
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t offset) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return judged_write("pwrite", fd, count, [&](size_t n) { return real(fd, bytes, n, offset); });
}

int ftruncate(int fd, off_t length) noexcept {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  return judged("ftruncate", is_ours(fd), false, [&] { return real(fd, length); });
}

int ftruncate64(int fd, off64_t length) noexcept {
  static const auto real = next<int (*)(int, off64_t)>("ftruncate64");
  return judged("ftruncate", is_ours(fd), false, [&] { return real(fd, length); });
}

int fsync(int fd) {
  static const auto real = next<int (*)(int)>("fsync");
  return judged("fsync", is_ours(fd), true, [&] { return real(fd); });
}

int fdatasync(int fd) {
  static const auto real = next<int (*)(int)>("fdatasync");
  return judged("fdatasync", is_ours(fd), true, [&] { return real(fd); });
}

// The descriptor is gone also when closing fails.
int close(int fd) {
  static const auto real = next<int (*)(int)>("close");
  const bool counts = is_ours(fd);
  opened(fd, false);
  if (!counts || judge("close", false, false) != Verdict::fail) return real(fd);
  const int error = errno;
  real(fd);
  errno = error;
  return -1;
}

int rename(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  return judged("rename", is_below_root(to), true, [&] { return real(from, to); });
}

int unlink(const char* path) noexcept {
  static const auto real = next<int (*)(const char*)>("unlink");
  return judged("unlink", is_below_root(path), false, [&] { return real(path); });
}

int remove(const char* path) noexcept {
  static const auto real = next<int (*)(const char*)>("remove");
  return judged("remove", is_below_root(path), false, [&] { return real(path); });
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto real = next<int (*)(const char*, mode_t)>("mkdir");
  return judged("mkdir", is_below_root(path), true, [&] { return real(path, mode); });
}

}  // extern "C"
