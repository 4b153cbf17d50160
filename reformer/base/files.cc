#include "reformer/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "reformer/base/error.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_on(const fs::path& path, std::string_view expected, int error) {
  fail(path.string(), "expected {}, found: {}; try another path or correct its permissions",
       expected, std::strerror(error));
}

// Bytes of a device or a pipe that are read: some never end.
constexpr size_t kLongestStream = size_t{1} << 28;

constexpr std::string_view kReadable = "a readable file";
constexpr std::string_view kWritable = "a writable file";
constexpr std::string_view kWritableDirectory = "a writable directory";

class FileHandle {
 public:
  FileHandle(const fs::path& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~FileHandle() { close(); }
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;

  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }
  // Some file systems report a failed write only here.
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// A device, a pipe or a socket, also behind a link (/dev/stdout): it is written into, not replaced.
bool is_stream(const fs::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return false;
  return !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

void write_stream(const fs::path& path, std::string_view bytes) {
  FileHandle stream(path, O_WRONLY);
  if (!stream || !write_all(stream.get(), bytes) || !stream.close()) {
    fail_on(path, kWritable, errno);
  }
}

// A name beside `path` that no other writer uses: not this process's threads, nor another process.
fs::path temporary_name(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  return directory_of(path) / fmt::format(".{}.{}.tmp", ::getpid(), counter.fetch_add(1));
}

}  // namespace

std::string read_file(const fs::path& path) {
  const FileHandle file(path, O_RDONLY);
  if (!file) fail_on(path, kReadable, errno);
  std::string bytes;
  struct stat status = {};
  if (::fstat(file.get(), &status) == 0 && status.st_size > 0) {
    bytes.reserve(static_cast<size_t>(status.st_size) + 1);
  }
  const bool may_be_endless = !S_ISREG(status.st_mode);
  // To the end rather than to the size: files such as those in /proc report size 0.
  for (size_t used = 0;;) {
    bytes.resize(std::max(bytes.capacity(), used + 4096));
    const ssize_t got = ::read(file.get(), bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno != EINTR) fail_on(path, kReadable, errno);
    if (got > 0) used += static_cast<size_t>(got);
    bytes.resize(used);
    if (got == 0) return bytes;
    if (may_be_endless && used > kLongestStream) {
      fail(path.string(), "expected at most {} bytes from what is no regular file, found more; {}",
           kLongestStream, "try a copy of it in a file");
    }
  }
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  if (is_stream(path)) return write_stream(path, bytes);
  fs::path temporary;
  int error = 0;
  do {  // a name may be left over from a process that was killed and had our number
    temporary = temporary_name(path);
    FileHandle file(temporary, O_WRONLY | O_CREAT | O_EXCL);
    error = file ? 0 : errno;
    if (!file) continue;
    if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0 || !file.close()) error = errno;
    if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
    if (error != 0) {
      ::unlink(temporary.c_str());
      fail_on(path, kWritable, error);
    }
  } while (error == EEXIST);
  if (error != 0) fail_on(path, kWritable, error);
  flush_directory(directory_of(path));
}

void append_to_file(const fs::path& path, std::string_view bytes) {
  FileHandle file(path, O_WRONLY | O_APPEND);
  if (!file || !write_all(file.get(), bytes) || ::fsync(file.get()) != 0 || !file.close()) {
    fail_on(path, kWritable, errno);
  }
}

void move_file_durably(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail_on(to, kWritable, errno);
  flush_directory(directory_of(to));
}

void remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail_on(path, "a file to remove", errno);
}

void remove_left_overs(const fs::path& directory) {
  std::error_code code;
  for (fs::directory_iterator entry(directory, code), end; !code && entry != end;
       entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    const bool temporary = name.ends_with(".tmp") || name.ends_with(".tmp-journal");
    if (!name.starts_with('.') || !temporary) continue;
    std::error_code ignored;
    fs::remove(entry->path(), ignored);
  }
}

void flush_directory(const fs::path& path) {
  const FileHandle directory(path, O_RDONLY | O_DIRECTORY);
  // EINVAL: a file system that has nothing to flush.
  if (!directory || (::fsync(directory.get()) != 0 && errno != EINVAL)) {
    fail_on(path, kWritableDirectory, errno);
  }
}

void ensure_writable_directory(const fs::path& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) fail_on(path, kWritableDirectory, code.value());
  if (::faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    fail_on(path, kWritableDirectory, errno);
  }
}

}  // namespace reformer
