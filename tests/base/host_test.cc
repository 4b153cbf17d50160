#include "reformer/base/host.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reformer {
namespace {

TEST(Host, ThisProcessIsAlive) {
  const ProcessIdentity self = this_process();
  EXPECT_EQ(self.pid, ::getpid());
  EXPECT_EQ(self.host, host_name());
  EXPECT_EQ(self, this_process());
  EXPECT_TRUE(may_be_alive(self));
}

TEST(Host, ADeadProcessIsNot) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ProcessIdentity process = this_process();
  process.pid = child;
  process.start_ticks = 0;
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(may_be_alive(process));
  process.pid = -1;
  EXPECT_FALSE(may_be_alive(process));
}

TEST(Host, AnotherProcessOfTheSameNumberIsNot) {
  ProcessIdentity self = this_process();
  if (self.start_ticks == 0) GTEST_SKIP() << "there is no /proc";
  ++self.start_ticks;
  EXPECT_FALSE(may_be_alive(self));
}

TEST(Host, NoProcessOutlivesTheKernel) {
  ProcessIdentity self = this_process();
  if (self.boot_id.empty()) GTEST_SKIP() << "there is no boot id";
  self.boot_id = "another";
  EXPECT_FALSE(may_be_alive(self));
}

TEST(Host, NothingIsKnownOfOtherHosts) {
  EXPECT_TRUE(may_be_alive({1'000'000'000, "elsewhere", "another", 1}));
}

}  // namespace
}  // namespace reformer
