#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/mistake.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Two runs, trained once for all tests, which change nothing in them.
class Runs : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TemporaryDirectory;
    for (const char* seed : {"1", "2"}) {
      const Outcome trained = run_program(train_arguments(
          *directory_ / ("runs/seed-" + std::string(seed)), {"--seed", seed, "--quiet"}));
      ASSERT_EQ(trained.exit_code, 0) << trained.err;
    }
  }
  static void TearDownTestSuite() { delete directory_; }

  static std::string path(const std::string& name) { return *directory_ / name; }

  static inline TemporaryDirectory* directory_ = nullptr;
};

TEST_F(Runs, ListShowsARowForEach) {
  const Outcome outcome = run_program({"runs", "list"}, directory_->path());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("run          trained  seed  status    step"),
                    HasSubstr("runs/seed-1  lsh-2       1  finished   4/4"),
                    HasSubstr("runs/seed-2  lsh-2       2  finished   4/4"), HasSubstr(" ago\n")));
  const auto list =
      nlohmann::json::parse(run_program({"runs", "list", path("runs"), "--json"}).out);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[1]["seed"], 2);
  EXPECT_EQ(list[1]["last"]["step"], 4);
}

TEST_F(Runs, ListGoesOnBehindADamagedRun) {
  const TemporaryDirectory other;
  std::filesystem::copy(path("runs"), other / "runs", std::filesystem::copy_options::recursive);
  write_text(other / "runs/seed-1/run.db", "\x1b[31m damaged");
  const Outcome outcome = run_program({"runs", "list"}, other.path());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("unreadable"), HasSubstr("not a database"),
                                 HasSubstr("runs/seed-2  lsh-2"), Not(HasSubstr("\x1b"))));
  const auto list =
      nlohmann::json::parse(run_program({"runs", "list", "--json"}, other.path()).out);
  EXPECT_THAT(list[0]["error"].get<std::string>(), HasSubstr("not a database"));
  EXPECT_EQ(list[1]["status"], "finished");
}

TEST_F(Runs, ShowSaysAll) {
  const Outcome outcome = run_program({"runs", "show", path("runs/seed-1")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("seed 1, finished after 4 of 4 steps"), HasSubstr("hash_rounds=2"),
                    HasSubstr("learning_rate"), HasSubstr("lsh-2      consistent         16"),
                    HasSubstr("training ended after step 4")));
  const Outcome json = run_program({"runs", "show", path("runs/seed-1"), "--json"});
  const auto run = nlohmann::json::parse(json.out);
  EXPECT_EQ(run["config"]["train"]["steps"], 4);
  EXPECT_EQ(run["evaluations"].size(), 2u);
  EXPECT_EQ(run["sessions"][0]["last_step"], 4);
}

TEST_F(Runs, CompareShowsWhatDiffers) {
  const Outcome outcome =
      run_program({"runs", "compare", path("runs/seed-1"), path("runs/seed-2"), "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto result = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(result["settings"], nlohmann::json::parse(R"({"seed": [1, 2]})"));
  EXPECT_EQ(result["runs"].size(), 2u);
  const Outcome text = run_program({"runs", "compare", path("runs/seed-1"), path("runs/seed-2")});
  EXPECT_THAT(text.out,
              AllOf(HasSubstr("\nseed "), Not(HasSubstr("\nsteps ")), HasSubstr("\nlast loss ")));
}

TEST_F(Runs, ExportWritesFiles) {
  const TemporaryDirectory out;
  const Outcome csv = run_program({"runs", "export", path("runs/seed-1")});
  EXPECT_EQ(std::ranges::count(csv.out, '\n'), 5) << csv.out;
  const Outcome to_file = run_program(
      {"runs", "export", path("runs/seed-1"), "--format", "json", "-o", out / "run.json"});
  EXPECT_EQ(to_file.exit_code, 0) << to_file.err;
  EXPECT_EQ(nlohmann::json::parse(read_text(out / "run.json"))["metrics"].size(), 4u);
  const Outcome anonymous =
      run_program({"runs", "export", path("runs/seed-1"), "--format", "json", "--anonymous"});
  EXPECT_EQ(nlohmann::json::parse(anonymous.out)["sessions"][0]["host"], "");
  for (int i = 0; i < 2; ++i) {
    run_program(
        {"runs", "export", path("runs/seed-1"), "--format", "tensorboard", "-o", out / "tb"});
    EXPECT_THAT(names_in(out / "tb"), ElementsAre(testing::StartsWith("events.out.tfevents.")));
  }
  EXPECT_THAT(names_in(out.path()), ElementsAre("run.json", "tb"));
}

TEST_F(Runs, ExportLeavesTheFilesOfRunsAlone) {
  const std::string run = path("runs/seed-1");
  const std::string database = read_text(run + "/run.db");
  for (const char* file :
       {"/run.db", "/config.json", "/../seed-1/lock", "/checkpoints/step-4.csv"}) {
    expect_mistake(run_program({"runs", "export", run, "-o", run + file}),
                   {"[--out]", "not a run's"});
    expect_mistake(run_program({"report", run, "-o", run + file}), {"[--out]", "not a run's"});
  }
  EXPECT_EQ(read_text(run + "/run.db"), database);
  EXPECT_EQ(run_program({"runs", "export", run, "-o", run + "/metrics.csv"}).exit_code, 0);
  std::filesystem::remove(run + "/metrics.csv");
}

TEST_F(Runs, DeleteTakesOnlyWhatItIsTold) {
  const TemporaryDirectory other;
  std::filesystem::copy(path("runs"), other / "runs", std::filesystem::copy_options::recursive);
  expect_mistake(run_program({"runs", "delete", other / "runs/seed-1"}), {"--force"});
  expect_mistake(run_program({"runs", "delete", "--force", other / "runs/seed-1", other / "runs"}),
                 {"expected a run"});
  EXPECT_THAT(names_in(other / "runs"), ElementsAre("seed-1", "seed-2"));
  const Outcome outcome = run_program({"runs", "delete", "--force", other / "runs/seed-1"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(names_in(other / "runs"), ElementsAre("seed-2"));
}

TEST_F(Runs, MistakesAreExplained) {
  expect_mistake(run_program({"runs", "list", path("missing")}), {"missing", "directory of runs"});
  expect_mistake(run_program({"runs", "show", path("missing")}), {"missing]", "found no run.db"});
  expect_mistake(run_program({"runs", "compare", path("runs/seed-1")}),
                 {"[reformer runs compare]"});
  expect_mistake(run_program({"runs", "compare", path("runs/seed-1"), path("runs")}), {"run.db"});
  expect_mistake(run_program({"runs", "export", path("runs/seed-1"), "--format", "tensorboard"}),
                 {"[--out]", "directory"});
  expect_mistake(
      run_program({"runs", "export", path("runs/seed-1"), "--format", "json", "--table", "events"}),
      {"[--table]"});
  expect_mistake(run_program({"runs", "export", path("runs/seed-1"), "--anonymous"}),
                 {"[--anonymous]", "--format json"});
  expect_mistake(
      run_program({"runs", "export", path("runs/seed-1"), "-o", path("missing/metrics.csv")}),
      {"metrics.csv"});
}

}  // namespace
}  // namespace reformer::test
