#include "reformer/base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "reformer/base/error.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "reformer_files_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { fs::remove_all(directory_); }

  int entries() const {
    return static_cast<int>(std::distance(fs::directory_iterator(directory_), {}));
  }

  fs::path directory_;
};

auto throws_error(const fs::path& path, const std::string& reason) {
  return ThrowsMessage<Error>(AllOf(HasSubstr("[" + path.string() + "]"), HasSubstr(reason)));
}

TEST_F(Files, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 300000; ++i) bytes += static_cast<char>(i * 7 % 256);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{4095}, size_t{4096}, bytes.size()}) {
    write_file_atomically(directory_ / "file", bytes.substr(0, size));
    EXPECT_EQ(fs::file_size(directory_ / "file"), size);
    EXPECT_TRUE(read_file(directory_ / "file") == bytes.substr(0, size)) << size;
  }
  EXPECT_EQ(entries(), 1);
}

TEST_F(Files, PathsInTheCurrentDirectory) {
  const fs::path before = fs::current_path();
  fs::current_path(directory_);
  write_file_atomically("plain", "x");
  EXPECT_EQ(read_file("plain"), "x");
  fs::current_path(before);
  EXPECT_EQ(entries(), 1);
}

TEST_F(Files, ReadsFilesThatReportNoSize) {
  if (!fs::exists("/proc/self/status")) GTEST_SKIP() << "no /proc";
  EXPECT_THAT(read_file("/proc/self/status"), HasSubstr("Name:"));
}

TEST_F(Files, MissingAndUnreadable) {
  const fs::path missing = directory_ / "missing";
  EXPECT_THAT([&] { read_file(missing); }, throws_error(missing, "No such file or directory"));
  EXPECT_THAT([&] { read_file(directory_); }, throws_error(directory_, "Is a directory"));
}

TEST_F(Files, Unwritable) {
  const fs::path missing = directory_ / "missing" / "file";
  EXPECT_THAT([&] { write_file_atomically(missing, "x"); },
              throws_error(missing, "No such file or directory"));
  write_file_atomically(directory_ / "file", "old");
  const fs::path below_file = directory_ / "file" / "x";
  EXPECT_THAT([&] { write_file_atomically(below_file, "x"); },
              throws_error(below_file, "Not a directory"));
  fs::create_directory(directory_ / "taken");
  EXPECT_THAT([&] { write_file_atomically(directory_ / "taken", "x"); },
              throws_error(directory_ / "taken", "Is a directory"));
  EXPECT_EQ(entries(), 2) << "a temporary file was left";
}

// A limit on the size of files stands for a full disk.
TEST_F(Files, AFailedWriteKeepsTheOldFile) {
  const fs::path path = directory_ / "file";
  write_file_atomically(path, "old");
  rlimit limit;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{1000, limit.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THAT([&] { write_file_atomically(path, std::string(5000, 'n')); },
              throws_error(path, "File too large"));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(entries(), 1);
}

TEST_F(Files, AppendingKeepsWhatIsThere) {
  const fs::path path = directory_ / "file";
  EXPECT_THAT([&] { append_to_file(path, "x"); }, throws_error(path, "No such file or directory"));
  write_file_atomically(path, "a");
  append_to_file(path, "bc");
  append_to_file(path, "");
  EXPECT_EQ(read_file(path), "abc");
  EXPECT_THAT([&] { append_to_file(directory_, "x"); }, throws_error(directory_, "directory"));
}

// A device would be gone for all programs.
TEST_F(Files, APipeIsWrittenIntoAndStays) {
  const fs::path pipe = directory_ / "pipe", link = directory_ / "link";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  fs::create_symlink(pipe, link);
  for (const fs::path& path : {pipe, link}) {
    std::string got;
    std::thread reader([&] { got = read_file(pipe); });
    write_file_atomically(path, "through");
    reader.join();
    EXPECT_EQ(got, "through");
    EXPECT_TRUE(fs::is_fifo(pipe));
  }
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(entries(), 2);
}

TEST_F(Files, WhatNeverEndsIsRefused) {
  if (!fs::exists("/dev/zero")) GTEST_SKIP() << "no /dev/zero";
  EXPECT_THAT([] { read_file("/dev/zero"); }, throws_error("/dev/zero", "regular file"));
}

TEST_F(Files, ReadersSeeTheOldContentOrTheNew) {
  const fs::path path = directory_ / "file";
  constexpr size_t kSize = 300000;
  write_file_atomically(path, std::string(kSize, 'a'));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 40; ++i) write_file_atomically(path, std::string(kSize, i % 2 ? 'a' : 'b'));
    done = true;
  });
  int torn = 0;
  do {
    const std::string bytes = read_file(path);
    if (bytes != std::string(kSize, 'a') && bytes != std::string(kSize, 'b')) ++torn;
  } while (!done);
  writer.join();
  EXPECT_EQ(torn, 0);
}

TEST_F(Files, WritersDoNotDisturbEachOther) {
  const fs::path path = directory_ / "file";
  std::vector<std::thread> writers;
  for (char c = 'a'; c < 'e'; ++c) {
    writers.emplace_back([&path, c] {
      for (int i = 0; i < 10; ++i) write_file_atomically(path, std::string(10000, c));
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::string bytes = read_file(path);
  EXPECT_EQ(bytes, std::string(10000, bytes.at(0)));
  EXPECT_EQ(entries(), 1);
}

TEST_F(Files, LeftOversAreRemovedAndNothingElse) {
  for (const char* name : {".1.2.tmp", ".run.db.3.tmp-journal", "x.tmp", ".x", "x"}) {
    write_file_atomically(directory_ / name, "");
  }
  remove_left_overs(directory_);
  EXPECT_EQ(entries(), 3);
  EXPECT_FALSE(fs::exists(directory_ / ".1.2.tmp"));
  EXPECT_FALSE(fs::exists(directory_ / ".run.db.3.tmp-journal"));
  EXPECT_NO_THROW(remove_left_overs(directory_ / "missing"));
}

TEST_F(Files, DirectoriesAreMadeOrRefused) {
  ensure_writable_directory(directory_ / "a" / "b" / "c");
  EXPECT_TRUE(fs::is_directory(directory_ / "a" / "b" / "c"));
  ensure_writable_directory(directory_ / "a" / "b");
  write_file_atomically(directory_ / "file", "x");
  for (const fs::path& path : {directory_ / "file", directory_ / "file" / "below"}) {
    EXPECT_THAT([&] { ensure_writable_directory(path); }, throws_error(path, "Not a directory"));
  }
  EXPECT_THROW(ensure_writable_directory(""), Error);
}

TEST_F(Files, ADirectoryWithoutPermissionIsRefused) {
  fs::permissions(directory_, static_cast<fs::perms>(0555));
  const bool root = ::geteuid() == 0;  // who may write anywhere
  if (root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  EXPECT_THAT([&] { ensure_writable_directory(directory_); },
              throws_error(directory_, "Permission denied"));
  const fs::path path = directory_ / "file";
  EXPECT_THAT([&] { write_file_atomically(path, "x"); }, throws_error(path, "Permission denied"));
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  fs::permissions(directory_, fs::perms::owner_all);
}

}  // namespace
}  // namespace reformer
