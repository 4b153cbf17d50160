#include "apps/secrets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <random>

#include "reformer/base/error.h"
#include "reformer/base/files.h"

namespace reformer::apps {
namespace {

namespace fs = std::filesystem;

constexpr size_t kDigits = 32;

fs::path state_directory() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return fs::path(state) / "reformer";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    return fs::path(home) / ".local/state/reformer";
  }
  return {};
}

bool is_secret(const std::string& text) {
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Of a file that is the user's and nobody else's to read; nothing for any other.
std::optional<std::string> read_secret(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  struct stat status = {};
  std::string text(kDigits, '\0');
  const bool ours = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
                    status.st_uid == ::geteuid() && (status.st_mode & 077) == 0;
  const bool read = ours && ::read(fd, text.data(), kDigits) == static_cast<ssize_t>(kDigits);
  ::close(fd);
  if (!read || !is_secret(text)) return std::nullopt;
  return text;
}

bool write_secret(const fs::path& path, const std::string& secret) {
  std::error_code code;
  fs::create_directories(path.parent_path(), code);
  fs::remove(path, code);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool written =
      ::write(fd, secret.data(), secret.size()) == static_cast<ssize_t>(secret.size());
  return ::close(fd) == 0 && written;
}

}  // namespace

std::string new_secret() {
  std::random_device system;
  std::string text;
  while (text.size() < kDigits) text += fmt::format("{:08x}", system());
  return text;
}

KeptSecret kept_secret() {
  const fs::path directory = state_directory();
  if (directory.empty()) return {new_secret(), false};
  const fs::path path = directory / "serve.key";
  if (auto secret = read_secret(path)) return {*secret, true};
  std::string secret = new_secret();
  const bool kept = write_secret(path, secret);
  return {std::move(secret), kept};
}

}  // namespace reformer::apps
