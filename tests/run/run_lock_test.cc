#include "reformer/run/run_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "reformer/base/error.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

class RunLockTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  fs::path path_ = directory_.path() / "lock";
};

TEST_F(RunLockTest, TheSecondIsRefusedAndToldWhoHasIt) {
  const RunLock lock(path_, 1.75e9);
  EXPECT_THAT(
      [&] { RunLock second(path_, 0); },
      ThrowsMessage<Error>(
          AllOf(HasSubstr("lock] expected a run that no other process trains"),
                HasSubstr(fmt::format("found process {} on host \"{}\"", ::getpid(), host_name())),
                HasSubstr("since 2025-06-15 15:06:40 UTC"))));
  EXPECT_NO_THROW(lock.check());
}

TEST_F(RunLockTest, IsGoneAfterwards) {
  for (int i = 0; i < 2; ++i) {
    const RunLock lock(path_, 0);
    EXPECT_FALSE(lock.taken_over());
    EXPECT_TRUE(fs::exists(path_));
  }
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(RunLockTest, ReadersSeeTheHolder) {
  EXPECT_FALSE(RunLock::holder_of(path_));
  {
    const RunLock lock(path_, 5);
    const auto holder = RunLock::holder_of(path_);
    ASSERT_TRUE(holder);
    EXPECT_EQ(holder->process, this_process());
    EXPECT_EQ(holder->since, 5);
  }
  std::ofstream(path_) << "left behind";
  EXPECT_FALSE(RunLock::holder_of(path_));
}

// A child that is killed leaves its file, but not its lock.
TEST_F(RunLockTest, TakesOverFromTheDead) {
  int channel[2];
  ASSERT_EQ(::pipe(channel), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const RunLock lock(path_, 7);
    if (::write(channel[1], "x", 1) != 1) ::_exit(1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(channel[0], &byte, 1), 1);
  EXPECT_THROW(RunLock(path_, 0), Error);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(fs::exists(path_));
  EXPECT_FALSE(RunLock::holder_of(path_));
  const RunLock lock(path_, 0);
  ASSERT_TRUE(lock.taken_over());
  EXPECT_EQ(lock.taken_over()->process.pid, child);
  EXPECT_EQ(lock.taken_over()->since, 7);
}

TEST_F(RunLockTest, TakesOverWhatSaysNothing) {
  for (const char* text : {"", "{", "[]", "{\"pid\": 1}", "{\"pid\": \"x\"}"}) {
    std::ofstream(path_) << text;
    const RunLock lock(path_, 0);
    EXPECT_FALSE(lock.taken_over()) << text;
  }
}

TEST_F(RunLockTest, NoticesThatTheDirectoryIsAnother) {
  const fs::path folder = directory_.path() / "run";
  fs::create_directory(folder);
  const RunLock lock(folder / "lock", 0);
  EXPECT_NO_THROW(lock.check());
  fs::rename(folder, directory_.path() / "moved");
  EXPECT_THAT([&] { lock.check(); }, ThrowsMessage<Error>(HasSubstr("removed, moved or replaced")));
  fs::create_directory(folder);
  const RunLock other(folder / "lock", 0);
  EXPECT_THROW(lock.check(), Error);
  EXPECT_NO_THROW(other.check());
}

TEST_F(RunLockTest, FollowsNoSymbolicLink) {
  fs::create_symlink(directory_.path() / "elsewhere", path_);
  EXPECT_THROW(RunLock(path_, 0), Error);
  EXPECT_FALSE(fs::exists(directory_.path() / "elsewhere"));
}

TEST_F(RunLockTest, NeedsADirectory) {
  EXPECT_THAT([&] { RunLock(directory_.path() / "missing/lock", 0); },
              ThrowsMessage<Error>(HasSubstr("No such file")));
}

}  // namespace
}  // namespace reformer::test
