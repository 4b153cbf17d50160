#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/apps/mistake.h"

namespace reformer::test {
namespace {

using testing::HasSubstr;

class ServeCommandTest : public testing::Test {
 protected:
  // Ends it as soon as it has said where it is.
  Outcome serve(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "serve");
    RunningProgram program(arguments, directory_.path(), {{"XDG_STATE_HOME", state_}});
    program.wait_until_it_prints("Ctrl-C ends.");
    program.send(SIGINT);
    return program.wait();
  }
  TemporaryDirectory directory_;
  std::string state_ = directory_ / "state";
};

TEST_F(ServeCommandTest, PrintsWhereToGoAndEndsByCtrlC) {
  const Outcome outcome = serve({".", "--port", "0"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out,
              testing::ContainsRegex("Open http://127.0.0.1:[0-9]+/.token=[0-9a-f]+\n"));
  EXPECT_THAT(outcome.out, HasSubstr("stopped by SIGINT"));
}

// Pages that are open stay known to the next server.
TEST_F(ServeCommandTest, TheKeyIsKeptForItsUserAlone) {
  EXPECT_EQ(serve({".", "--port", "0"}).exit_code, 0);
  const std::filesystem::path key = state_ + "/reformer/serve.key";
  const std::string first = read_text(key);
  EXPECT_EQ(first.size(), 32u);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(key).permissions(), perms::owner_read | perms::owner_write);
  EXPECT_EQ(serve({".", "--port", "0"}).exit_code, 0);
  EXPECT_EQ(read_text(key), first);
  // One that others may have read counts no more.
  std::filesystem::permissions(key, perms::others_read, std::filesystem::perm_options::add);
  EXPECT_EQ(serve({".", "--port", "0"}).exit_code, 0);
  EXPECT_NE(read_text(key), first);
  EXPECT_EQ(std::filesystem::status(key).permissions(), perms::owner_read | perms::owner_write);
}

TEST_F(ServeCommandTest, Mistakes) {
  const auto program = [&](const std::vector<std::string>& arguments) {
    return RunningProgram(arguments, directory_.path(), {{"XDG_STATE_HOME", state_}}).wait();
  };
  expect_mistake(program({"serve", "nowhere"}), {"nowhere", "directory of runs"});
  expect_mistake(program({"serve", ".", "--port", "70000"}), {"--port"});
  expect_mistake(program({"serve", ".", "--address", "example.org"}), {"[--address]", "127.0.0.1"});
}

}  // namespace
}  // namespace reformer::test
