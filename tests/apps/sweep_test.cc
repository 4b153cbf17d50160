#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/apps/mistake.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> sweep_arguments(const std::string& directory,
                                         const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {
      "sweep",     "--preset", "smoke", "--steps", "6",      "--validation-rows", "8", "--sweep",
      "batch=2,3", "--seeds",  "2",     "--run",   directory};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Sweep, TrainsAGridAndSumsItUp) {
  const TemporaryDirectory directory;
  const Outcome outcome = run_program(sweep_arguments(directory / "sweep", {"--jobs", "2"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("batch=2,seed=42  finished     6"),
                                 HasSubstr("\nbatch=3     2 of 2  "), HasSubstr(" +- ")));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("batch=2,seed=43  begins"),
                                 HasSubstr("batch=3,seed=43  finished after step 6: accuracy")));
  EXPECT_THAT(names_in(directory / "sweep"),
              ElementsAre("batch=2,seed=42", "batch=2,seed=43", "batch=3,seed=42",
                          "batch=3,seed=43", "sweep.json"));
  const Outcome list = run_program({"runs", "list", directory / "sweep"});
  EXPECT_EQ(std::ranges::count(list.out, '\n'), 5) << list.out;
}

TEST(Sweep, GoesOnAfterASignalToTheSameResult) {
  const TemporaryDirectory directory;
  const Outcome whole = run_program(sweep_arguments(directory / "whole", {"--json", "--quiet"}));
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  for (const int signal : {SIGINT, SIGKILL}) {
    const std::string cut = directory / std::to_string(signal);
    const Outcome first = run_program(sweep_arguments(cut, {"--jobs", "3"}), ".", signal);
    if (first.exit_code != 0) {
      EXPECT_EQ(first.exit_code, 128 + signal) << first.err;
    }
    const Outcome again = run_program({"sweep", "--resume", cut, "--json", "--quiet"});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(again.out, whole.out);
    EXPECT_EQ(run_program(sweep_arguments(cut, {"--json", "--quiet"})).out, whole.out)
        << "and nothing is left to do";
    EXPECT_THAT(run_program(sweep_arguments(cut)).err,
                AllOf(HasSubstr("finished after step 6"), Not(HasSubstr("goes on"))));
  }
}

TEST(Sweep, ShowsALineForEachRunOnATerminal) {
  if (!terminals_can_be_had()) GTEST_SKIP() << "there is no `script`";
  const TemporaryDirectory directory;
  // Long enough for several drawings, a tenth of a second apart.
  const std::string sweep = fmt::format("sweep --preset smoke --steps {} --seeds 2 --jobs 2 --run ",
                                        REFORMER_DRAWN_STEPS);
  const Outcome terminal =
      run_on_a_terminal("env -u NO_COLOR LC_ALL=C TERM=xterm", sweep + (directory / "terminal"));
  EXPECT_EQ(terminal.exit_code, 0);
  EXPECT_THAT(terminal.out,
              AllOf(HasSubstr("\r\x1b[2A\x1b[1msweep\x1b[0m  0/2 runs"),
                    HasSubstr("\x1b[1mseed=42\x1b[0m  #"), HasSubstr("\x1b[1mseed=43\x1b[0m  #"),
                    HasSubstr("\r\x1b[2A\x1b[J")));
  const Outcome dumb = run_on_a_terminal("env TERM=dumb", sweep + (directory / "dumb"));
  EXPECT_THAT(dumb.out, AllOf(HasSubstr("\rsweep  0/2 runs"), Not(HasSubstr("\x1b"))));
}

TEST(Sweep, TakesTheShortNamesOfFlags) {
  const TemporaryDirectory directory;
  const Outcome outcome =
      run_program(sweep_arguments(directory / "sweep", {"--sweep", "lr=1e-3", "--hashes", "2"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(names_in(directory / "sweep"), Contains("batch=2,learning_rate=0.001,seed=42"));
}

TEST(Sweep, MistakesAreExplained) {
  const TemporaryDirectory directory;
  expect_mistake(run_program({"sweep", "--preset", "smoke"}), {"--run", "--resume"});
  expect_mistake(run_program({"sweep", "--resume", directory / "none"}), {"sweep.json"});
  expect_mistake(run_program({"sweep", "--resume", directory / "none", "--seeds", "2"}),
                 {"--seeds"});
  expect_mistake(run_program(sweep_arguments(directory / "s", {"--sweep", "btach=1"})),
                 {"[--sweep]", "did you mean 'batch'?"});
  expect_mistake(run_program(sweep_arguments(directory / "s", {"--jobs", "0"})), {"[--jobs]"});
  write_text(directory / "sweep.txt", "{\"seeds\": ");
  expect_mistake(run_program({"sweep", directory / "sweep.txt", "--run", directory / "s"}),
                 {"sweep.txt"});
  expect_mistake(run_program(sweep_arguments(directory / "s", {"--batch", "4"})),
                 {"[--batch]", "--sweep only"});
  EXPECT_THAT(names_in(directory.path()), ElementsAre("sweep.txt"));
}

TEST(Sweep, ARunIsNoPlaceForRuns) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_program({"train", "--preset", "smoke", "--steps", "2", "--quiet", "--run",
                         directory / "run"})
                .exit_code,
            0);
  const auto before = names_in(directory / "run");
  expect_mistake(run_program(sweep_arguments(directory / "run")), {"found a run"});
  expect_mistake(
      run_program({"experiment", "table2", "--size", "smoke", "--out", directory / "run"}),
      {"found a run"});
  EXPECT_EQ(names_in(directory / "run"), before);
}

TEST(Sweep, SaysWhichRunsReachedTheirTarget) {
  const TemporaryDirectory directory;
  const Outcome outcome = run_program(sweep_arguments(
      directory / "sweep", {"--target-accuracy", "0.001", "--evaluate-every", "2"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("  reached\n"), HasSubstr("reached target")));
}

TEST(Sweep, ReadsAFile) {
  const TemporaryDirectory directory;
  write_text(directory / "sweep.txt",
             R"({"preset": "smoke", "config": {"train": {"steps": 2}}, "sweep": {"batch": [2]}})");
  const Outcome outcome = run_program(
      {"sweep", directory / "sweep.txt", "--run", directory / "s", "--json", "--quiet"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto result = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(result["runs"][0]["name"], "batch=2,seed=42");
  EXPECT_EQ(result["runs"][0]["step"], 2);
}

}  // namespace
}  // namespace reformer::test
