#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/apps/mistake.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const auto kNamesOfAFinishedRun =
    ElementsAre("checkpoints", "config.json", "model.safetensors", "run.db");

TEST(Train, SavesAModelThatEvalRepeats) {
  const TemporaryDirectory directory;
  const Outcome trained = run_program(train_arguments(directory / "run", {"--json"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(names_in(directory / "run"), kNamesOfAFinishedRun);
  const auto result = nlohmann::json::parse(trained.out);
  EXPECT_EQ(result["steps"], 4);
  EXPECT_EQ(result["interrupted"], false);

  const Outcome evaluated =
      run_program({"eval", directory / "run", "--attention", "lsh-2", "--json", "--threads", "1"});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  const auto evaluation = nlohmann::json::parse(evaluated.out);
  for (const char* key : {"version", "commit", "machine"}) {
    EXPECT_FALSE(result[key].empty()) << key;
    EXPECT_EQ(result[key], evaluation[key]) << key;
  }
  const auto& cells = evaluation["cells"];
  ASSERT_EQ(cells.size(), 1u);
  for (const char* key : {"accuracy", "loss", "scored", "lost_pairs", "sequences"}) {
    EXPECT_EQ(cells[0][key], result["validation"][key]) << key;
  }
}

TEST(Train, ThreadsChangeNothing) {
  const TemporaryDirectory directory;
  run_program(train_arguments(directory / "two"));
  run_program(train_arguments(directory / "one", {"--threads", "1", "--quiet"}));
  const std::string model = read_text(directory / "one/model.safetensors");
  EXPECT_FALSE(model.empty());
  EXPECT_TRUE(model == read_text(directory / "two/model.safetensors"));
}

TEST(Train, TheConfigurationOfARunRepeatsIt) {
  const TemporaryDirectory directory;
  run_program(train_arguments(directory / "run"));
  const Outcome again = run_program(
      {"train", "--config", directory / "run/config.json", "--run", directory / "again"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(read_text(directory / "run/model.safetensors") ==
              read_text(directory / "again/model.safetensors"));
}

TEST(Train, ShowsPlainLinesWhereThereIsNoTerminal) {
  const TemporaryDirectory directory;
  const Outcome outcome = run_program(train_arguments(directory / "run", {"--log-every", "1"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("lsh-2  step 1/4"), HasSubstr("steps/s"),
                                 HasSubstr("loss"), HasSubstr("accuracy"), HasSubstr("left"),
                                 HasSubstr("step 2/4  validation: accuracy")));
  EXPECT_THAT(outcome.err, AllOf(Not(HasSubstr("\r")), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("16 validation sequences"), HasSubstr("saved ")));
}

TEST(Train, RewritesOneLineOnATerminal) {
  if (!terminals_can_be_had()) GTEST_SKIP() << "there is no `script`";
  const TemporaryDirectory directory;
  const std::string train = "train --preset smoke --steps 300 --evaluate-every 0 --run ";
  const Outcome styled =
      run_on_a_terminal("env -u NO_COLOR TERM=xterm", train + (directory / "styled"));
  EXPECT_EQ(styled.exit_code, 0);
  EXPECT_THAT(styled.out, AllOf(HasSubstr("\r\x1b[1mfull\x1b[0m  "), HasSubstr("  step "),
                                HasSubstr("steps/s")));
  const Outcome plain =
      run_on_a_terminal("env NO_COLOR=1 TERM=xterm", train + (directory / "plain"));
  EXPECT_THAT(plain.out, AllOf(HasSubstr("\rfull  "), Not(HasSubstr("\x1b"))));
}

TEST(Train, QuietShowsNoProgress) {
  const TemporaryDirectory directory;
  const Outcome outcome = run_program(train_arguments(directory / "run", {"--quiet"}));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, HasSubstr("saved "));
}

TEST(Train, StopsAtTheTarget) {
  const TemporaryDirectory directory;
  const Outcome outcome =
      run_program(train_arguments(directory / "run", {"--target-accuracy", "1e-9", "--json"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto result = nlohmann::json::parse(outcome.out);
  // An untrained model is right now and then; should it never be, the target is out of reach.
  EXPECT_EQ(result["target_reached"], result["validation"]["accuracy"] > 0);
  EXPECT_EQ(result["steps"], result["target_reached"] ? 2 : 4);
}

TEST(Train, ReportsLostPairs) {
  const TemporaryDirectory directory;
  // Two buckets for four chunks: some pairs of a bucket cannot be in reach of each other.
  const Outcome outcome = run_program(train_arguments(directory / "run", {"--buckets", "2"}));
  EXPECT_THAT(outcome.out, HasSubstr("lost pairs"));
}

TEST(Train, RunsHaveANameByDefault) {
  const TemporaryDirectory directory;
  const Outcome outcome = run_program(
      {"train", "--preset", "smoke", "--steps", "1", "--validation-rows", "1"}, directory.path());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(names_in(directory / "runs"), ElementsAre("full-seed42"));
}

TEST(Train, FindsItsWayThroughDots) {
  const TemporaryDirectory directory;
  const Outcome outcome = run_program(train_arguments("missing/../run/"), directory.path());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(names_in(directory.path()), ElementsAre("run"));
  EXPECT_THAT(names_in(directory / "run"), kNamesOfAFinishedRun);
}

TEST(Train, ReplacesAModelOnlyWhenForced) {
  const TemporaryDirectory directory;
  run_program(train_arguments(directory / "run"));
  const std::string before = read_text(directory / "run/model.safetensors");
  const std::vector<std::string> other = {"--seed", "7"};
  expect_mistake(run_program(train_arguments(directory / "run", other)), {"--force"});
  EXPECT_TRUE(before == read_text(directory / "run/model.safetensors"));
  EXPECT_EQ(run_program(train_arguments(directory / "run", {"--seed", "7", "--force"})).exit_code,
            0);
  EXPECT_FALSE(before == read_text(directory / "run/model.safetensors"));
  EXPECT_THAT(names_in(directory / "run"), kNamesOfAFinishedRun);
}

TEST(Train, DivergenceKeepsTheLastGoodState) {
  const TemporaryDirectory directory;
  const std::string run = directory / "a/b/run";
  const Outcome outcome = run_program(
      train_arguments(run, {"--steps", "100", "--learning-rate", "1000", "--weight-decay", "1",
                            "--schedule", "constant", "--evaluate-every", "0", "--quiet"}));
  expect_mistake(outcome, {"[train]", "finite", "at step ", "--learning-rate", "--resume " + run});
  EXPECT_THAT(names_in(run), ElementsAre("checkpoints", "config.json", "run.db"));
  expect_mistake(run_program({"eval", run, "--attention", "full"}), {"[evaluation]", "finite"});
  EXPECT_EQ(run_program({"train", "--resume", run, "--quiet"}).err, outcome.err) << "a replay";
}

TEST(Train, RefusesSettingsBesideResume) {
  const TemporaryDirectory directory;
  run_program(train_arguments(directory / "run"));
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--steps", "9"}, {"--preset", "smoke"}, {"--force"}}) {
    std::vector<std::string> arguments = {"train", "--resume", directory / "run"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_mistake(run_program(arguments), {"[--resume]", "no " + more[0] + " beside it"});
  }
}

// Long enough to be stopped.
std::vector<std::string> long_arguments(const std::string& run) {
  const std::string steps = std::to_string(REFORMER_LONG_STEPS);
  return train_arguments(run, {"--steps", steps, "--log-every", "1", "--evaluate-every", "0",
                               "--checkpoint-every", "7"});
}

Outcome resume(const std::string& run) {
  return run_program({"train", "--resume", run, "--quiet", "--threads", "1"});
}

// The run that nobody stops; made once.
const std::string& uninterrupted_model() {
  static const std::string model = [] {
    const TemporaryDirectory directory;
    run_program(long_arguments(directory / "run"));
    return read_text(directory / "run/model.safetensors");
  }();
  return model;
}

class Interrupted : public testing::TestWithParam<int> {};

TEST_P(Interrupted, SavesAndGoesOnToTheSameBits) {
  const TemporaryDirectory directory;
  std::vector<std::string> arguments = long_arguments(directory / "run");
  arguments.push_back("--json");
  const Outcome outcome = run_program(arguments, ".", GetParam());
  ASSERT_EQ(outcome.exit_code, 128 + GetParam()) << outcome.err;
  const auto result = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(result["interrupted"], true);
  EXPECT_GE(result["steps"], 1);
  EXPECT_LT(result["steps"], REFORMER_LONG_STEPS);
  const Outcome evaluated = run_program({"eval", directory / "run", "--attention", "full"});
  EXPECT_EQ(evaluated.exit_code, 0) << evaluated.err;
  EXPECT_THAT(evaluated.out, HasSubstr(" " + result["steps"].dump() + " steps"));

  EXPECT_EQ(resume(directory / "run").exit_code, 0);
  EXPECT_TRUE(read_text(directory / "run/model.safetensors") == uninterrupted_model());
  EXPECT_THAT(names_in(directory / "run"), kNamesOfAFinishedRun);
}

INSTANTIATE_TEST_SUITE_P(Signals, Interrupted, testing::Values(SIGINT, SIGTERM, SIGHUP),
                         [](const auto& info) {
                           return info.param == SIGINT    ? "CtrlC"
                                  : info.param == SIGTERM ? "Terminate"
                                                          : "HangUp";
                         });

TEST(Train, SaysHowToGoOn) {
  const TemporaryDirectory directory;
  const Outcome outcome = run_program(long_arguments(directory / "run"), ".", SIGTERM);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("interrupted)"),
                                 HasSubstr("reformer train --resume " + (directory / "run"))));
}

TEST(Train, GoesOnAfterKillToTheSameBits) {
  const TemporaryDirectory directory;
  const Outcome killed = run_program(long_arguments(directory / "run"), ".", SIGKILL);
  ASSERT_EQ(killed.exit_code, 128 + SIGKILL);
  EXPECT_EQ(resume(directory / "run").exit_code, 0);
  EXPECT_TRUE(read_text(directory / "run/model.safetensors") == uninterrupted_model());
  EXPECT_THAT(names_in(directory / "run"), kNamesOfAFinishedRun);
}

// Steps of a second, so that the second signal meets the step that the first one lets finish.
TEST(Train, TheSecondSignalQuitsAtOnce) {
  const TemporaryDirectory directory;
  RunningProgram program(train_arguments(
      directory / "run", {"--batch", "4096", "--steps", "1000", "--log-every", "1"}));
  program.wait_until_it_speaks();
  program.send(SIGINT);
  program.send(SIGTERM);
  const Outcome outcome = program.wait();
  EXPECT_THAT(outcome.exit_code, testing::AnyOf(128 + SIGINT, 128 + SIGTERM));
  EXPECT_EQ(outcome.out, "") << "it ended in good order";
  // It may have been in the middle of a commit: then there is a journal, too.
  EXPECT_THAT(names_in(directory / "run"),
              testing::AnyOf(ElementsAre("config.json", "lock", "run.db"),
                             ElementsAre("config.json", "lock", "run.db", "run.db-journal")));
}

TEST(Train, TheSecondProcessIsRefused) {
  const TemporaryDirectory directory;
  RunningProgram first(long_arguments(directory / "run"));
  first.wait_until_it_speaks();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"train", "--resume", directory / "run"},
        long_arguments(directory / "run")}) {
    expect_mistake(run_program(arguments), {"/run/lock]", "expected a run that no other process"});
  }
  first.send(SIGKILL);
  first.wait();
  EXPECT_EQ(resume(directory / "run").exit_code, 0);
  EXPECT_TRUE(read_text(directory / "run/model.safetensors") == uninterrupted_model());
}

}  // namespace
}  // namespace reformer::test
