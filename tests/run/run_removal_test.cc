// Deleting takes a run's files and nothing else, and listing survives whatever lies about.
#include "reformer/run/run_removal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/checkpoint_folder.h"
#include "reformer/run/run_files.h"
#include "reformer/run/run_lock.h"
#include "reformer/run/run_search.h"
#include "reformer/run/run_summary.h"
#include "reformer/run/run_writer.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class RunRemoval : public testing::Test {
 protected:
  // A run of two steps, at `name` under the test's directory.
  fs::path make_run(const std::string& name) {
    const RunFiles files{directory_.path() / name};
    fs::create_directories(files.root / "checkpoints");
    write_run_config(files, run_preset("smoke"));
    RunState state;
    state.name = "full";
    state.steps = state.step = 2;
    RunWriter writer = RunWriter::create(files.database(), state);
    for (int64_t step = 1; step <= 2; ++step) {
      StepMetrics metrics;
      metrics.step = step;
      metrics.loss = 1 / static_cast<double>(step);
      writer.add(metrics);
      EvaluationRecord evaluation;
      evaluation.step = step;
      evaluation.accuracy = step == 1 ? 0.5 : 0.25;
      writer.add(evaluation);
    }
    EXPECT_TRUE(writer.commit(7, 0));
    write_file_atomically(files.model(), "a model");
    write_file_atomically(files.checkpoints().path_of(2), "a checkpoint");
    return files.root;
  }

  TemporaryDirectory directory_;
};

TEST_F(RunRemoval, TakesTheWholeRun) {
  const fs::path run = make_run("run");
  EXPECT_THAT(delete_run(run, 0), IsEmpty());
  EXPECT_FALSE(fs::exists(run));
}

TEST_F(RunRemoval, TakesADirectoryWithASlashBehindIt) {
  const fs::path run = make_run("run");
  EXPECT_THAT(delete_run(run / "", 0), IsEmpty());
  EXPECT_FALSE(fs::exists(run));
}

TEST_F(RunRemoval, LeavesWhatIsNotOfARun) {
  const fs::path run = make_run("run");
  write_file_atomically(run / "notes.txt", "mine");
  write_file_atomically(run / "checkpoints/step-2.txt", "mine");
  EXPECT_THAT(delete_run(run, 0), ElementsAre(run / "checkpoints", run / "notes.txt"));
  EXPECT_TRUE(fs::exists(run / "checkpoints/step-2.txt"));
  EXPECT_FALSE(fs::exists(run / "checkpoints/step-2.safetensors"));
}

TEST_F(RunRemoval, RefusesARunThatIsTrained) {
  const fs::path run = make_run("run");
  const RunLock lock(RunFiles{run}.lock(), 0);
  EXPECT_THAT([&] { delete_run(run, 0); },
              ThrowsMessage<Error>(HasSubstr("no other process trains")));
  EXPECT_TRUE(fs::exists(run / "run.db"));
  EXPECT_TRUE(fs::exists(run / "model.safetensors"));
}

TEST_F(RunRemoval, RefusesWhatIsNoRun) {
  const fs::path other = directory_.path() / "other";
  fs::create_directory(other);
  for (const char* text : {"{}", "{\"name\": \"a web page\"}", "not JSON"}) {
    write_file_atomically(other / "config.json", text);
    EXPECT_THAT([&] { delete_run(other, 0); }, ThrowsMessage<Error>(HasSubstr("expected a run")))
        << text;
  }
  write_file_atomically(other / "run.db", "foreign");
  EXPECT_THROW(delete_run(other, 0), Error);
  EXPECT_THROW(delete_run(directory_.path() / "missing", 0), Error);
  EXPECT_TRUE(fs::exists(other / "config.json"));
  EXPECT_TRUE(fs::exists(other / "run.db"));
}

TEST_F(RunRemoval, TakesADamagedRun) {
  const fs::path run = make_run("run");
  write_file_atomically(run / "run.db", "damaged");
  EXPECT_THAT(delete_run(run, 0), IsEmpty());
  EXPECT_FALSE(fs::exists(run));
}

TEST_F(RunRemoval, FollowsNoSymbolicLink) {
  const fs::path run = make_run("run");
  fs::create_directory_symlink(run, directory_.path() / "link");
  EXPECT_THAT([&] { delete_run(directory_.path() / "link", 0); },
              ThrowsMessage<Error>(HasSubstr("symbolic link")));
  EXPECT_THROW(delete_run(directory_.path() / "link/", 0), Error);
  const fs::path other = make_run("other");
  fs::rename(other / "checkpoints", directory_.path() / "elsewhere");
  fs::create_directory_symlink(directory_.path() / "elsewhere", other / "checkpoints");
  EXPECT_THROW(delete_run(other, 0), Error);
  EXPECT_TRUE(fs::exists(directory_.path() / "elsewhere/step-2.safetensors"));
}

TEST_F(RunRemoval, SummariesSayWhatARunCameTo) {
  const RunSummary summary = summarise_run(make_run("run"));
  EXPECT_EQ(summary.error, "");
  EXPECT_EQ(summary.status(), "killed") << "`running` without a process";
  EXPECT_EQ(summary.last->step, 2);
  EXPECT_EQ(summary.last->loss, 0.5);
  EXPECT_EQ(summary.best->step, 1);
  const RunLock lock(RunFiles{summary.path}.lock(), 0);
  EXPECT_EQ(summarise_run(summary.path).status(), "running");
}

TEST_F(RunRemoval, DamagedRunsAreFoundAndSayWhy) {
  const fs::path good = make_run("b/good");
  const fs::path bad = make_run("a/bad");
  make_run(".hidden");
  fs::create_directory(directory_.path() / "empty");
  fs::create_directory_symlink(good, directory_.path() / "link");
  write_file_atomically(bad / "run.db", "damaged, and long enough to look like a database file");
  EXPECT_THAT(find_runs(directory_.path()), ElementsAre(bad, good));
  EXPECT_THAT(summarise_run(bad).error, HasSubstr("not a database"));
  fs::remove(bad / "run.db");
  EXPECT_THAT(summarise_run(bad).error, HasSubstr("run.db"));
  EXPECT_THROW(find_runs(directory_.path() / "missing"), Error);
  EXPECT_THAT(find_runs(directory_.path() / "empty"), IsEmpty());
}

}  // namespace
}  // namespace reformer::test
