// What a run does when its files, its disk or its numbers go wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "reformer/base/error.h"
#include "tests/run/small_training.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::ThrowsMessage;

class TrainingTroubleTest : public SmallTrainingTest {
 protected:
  using SmallTrainingTest::begin;
  using SmallTrainingTest::resume;
  std::unique_ptr<TrainingRun> begin(const RunConfig& config) { return begin(config, files_.root); }
  std::unique_ptr<TrainingRun> resume() { return resume(files_.root); }

  void stop_after_five_of_six() {
    Watcher watcher = stop_after(5);
    begin(small_training())->train(watcher);
  }

  RunFiles files_{directory_.path() / "run"};
};

// Adafactor multiplies parameters by the rate: a thousandfold every step.
RunConfig diverging() {
  RunConfig run = small_training(OptimizerKind::adafactor);
  run.train.schedule.kind = ScheduleKind::constant;
  run.train.schedule.learning_rate = 1000;
  run.train.steps = 200;
  run.train.evaluate_every = 0;
  run.train.checkpoint_every = 0;
  return run;
}

TEST_F(TrainingTroubleTest, DivergenceKeepsTheStepToReplay) {
  int64_t good = 0;
  Watcher watcher([&](int64_t step) { good = step; });
  EXPECT_THROW(begin(diverging())->train(watcher), Divergence);
  ASSERT_GT(good, 0);
  EXPECT_THAT(files_.checkpoints().steps(), ElementsAre(good));
  RunReader reader(files_.database());
  EXPECT_EQ(reader.state().status, RunStatus::diverged);
  EXPECT_EQ(reader.state().step, good);
  const Event event = reader.events().back();
  EXPECT_EQ(event.kind, "diverged");
  const auto seen = nlohmann::json::parse(event.data);
  EXPECT_EQ(seen["step"], good + 1);
  EXPECT_TRUE(seen["loss"].is_string() || seen["gradient_norm"].is_string()) << event.data;
  EXPECT_FALSE(fs::exists(files_.model()));

  Watcher again([](int64_t step) { FAIL() << "step " << step << " was applied"; });
  try {
    resume()->train(again);
    FAIL() << "the step was replayed and is finite";
  } catch (const Divergence& divergence) {
    EXPECT_EQ(divergence.report().step, good + 1);
  }
}

TEST_F(TrainingTroubleTest, LeavesStepsOutByPolicyButNotForever) {
  RunConfig config = diverging();
  config.train.on_divergence = DivergencePolicy::skip;
  Watcher watcher;
  EXPECT_THROW(begin(config)->train(watcher), Divergence);
  const auto skipped = std::ranges::count(watcher.kinds, "skipped");
  EXPECT_EQ(skipped, Trainer::kMostLeftOut - 1);
  RunReader reader(files_.database());
  const std::vector<StepMetrics> rows = reader.metrics();
  const auto out = std::ranges::count(rows, false, &StepMetrics::applied);
  EXPECT_EQ(out, skipped);
  EXPECT_TRUE(rows.front().applied);
  EXPECT_FALSE(rows.back().applied);
}

TEST_F(TrainingTroubleTest, RefusesATornCheckpointAndOffersTheOneBefore) {
  Watcher whole;
  begin(small_training(), directory_.path() / "whole")->train(whole);
  stop_after_five_of_six();
  const fs::path newest = files_.checkpoints().path_of(5);
  fs::resize_file(newest, fs::file_size(newest) / 2);
  const std::string offered = files_.checkpoints().path_of(4).string();
  EXPECT_THAT([&] { resume(); },
              ThrowsMessage<Error>(AllOf(HasSubstr("step-5.safetensors]"),
                                         HasSubstr("the one before it is " + offered))));
  Watcher watcher;
  resume(offered)->train(watcher);
  EXPECT_TRUE(lasting(files_) == lasting({directory_.path() / "whole"}));
}

TEST_F(TrainingTroubleTest, RefusesAForeignCheckpoint) {
  stop_after_five_of_six();
  RunConfig other = small_training();
  ++other.train.seed;
  Watcher watcher = stop_after(5);
  begin(other, directory_.path() / "other")->train(watcher);
  const RunFiles foreign{directory_.path() / "other"};
  fs::copy_file(foreign.checkpoints().path_of(5), files_.checkpoints().path_of(5),
                fs::copy_options::overwrite_existing);
  EXPECT_THAT([&] { resume(); }, ThrowsMessage<Error>(AllOf(HasSubstr("train.seed is 43, not 42"),
                                                            HasSubstr("step-4.safetensors"))));
}

TEST_F(TrainingTroubleTest, RefusesWhatIsNoRun) {
  EXPECT_THAT([&] { resume(); }, ThrowsMessage<Error>(HasSubstr("found neither")));
  fs::create_directory(files_.root);
  EXPECT_THAT([&] { resume(); }, ThrowsMessage<Error>(HasSubstr("with its config.json")));
  EXPECT_THAT(std::vector(fs::directory_iterator(files_.root), {}), IsEmpty());
  stop_after_five_of_six();
  std::ofstream(files_.config()) << R"({"train": {"steps": 6}})";
  EXPECT_THAT([&] { resume(); }, ThrowsMessage<Error>(HasSubstr("expected a setting \"")));
}

TEST_F(TrainingTroubleTest, RefusesADamagedDatabaseAndGoesOnWithoutOne) {
  Watcher whole;
  begin(small_training(), directory_.path() / "whole")->train(whole);
  stop_after_five_of_six();
  std::ofstream(files_.database(), std::ios::trunc) << "no database";
  EXPECT_THAT([&] { resume(); },
              ThrowsMessage<Error>(AllOf(HasSubstr("run.db"), HasSubstr("move it away"))));
  fs::remove(files_.database());
  Watcher watcher;
  resume()->train(watcher);
  EXPECT_TRUE(lasting(files_).model == lasting({directory_.path() / "whole"}).model);
}

TEST_F(TrainingTroubleTest, StopsWhenTheDirectoryVanishes) {
  Watcher watcher([&](int64_t step) {
    if (step == 5) fs::rename(files_.root, directory_.path() / "moved");
  });
  EXPECT_THAT([&] { begin(small_training())->train(watcher); },
              ThrowsMessage<Error>(AllOf(HasSubstr("removed, moved or replaced"),
                                         HasSubstr("the state after step 4 is safe"))));
  EXPECT_FALSE(fs::exists(files_.root)) << "nothing is written where the run no longer is";
  fs::rename(directory_.path() / "moved", files_.root);
  EXPECT_THAT(files_.checkpoints().steps(), ElementsAre(2, 3, 4));
  Watcher rest;
  EXPECT_EQ(resume()->train(rest).status, RunStatus::finished);
}

// While somebody is in the middle of reading, rows wait in memory, and the state with them: it must
// not be ahead of its rows.
TEST_F(TrainingTroubleTest, AReaderDelaysTheStateButNotTheTraining) {
  RunConfig config = small_training();
  config.train.checkpoint_every = 2;
  config.train.evaluate_every = 0;
  config.train.keep_checkpoints = 9;
  sqlite3* reader = nullptr;
  std::vector<std::vector<int64_t>> saved;
  Watcher watcher([&](int64_t step) {
    saved.push_back(files_.checkpoints().steps());
    if (step == 1) {
      sqlite3_open(files_.database().c_str(), &reader);
      sqlite3_exec(reader, "BEGIN; SELECT * FROM run", nullptr, nullptr, nullptr);
    }
    if (step == 3) sqlite3_close(reader);
  });
  EXPECT_EQ(begin(config)->train(watcher).status, RunStatus::finished);
  EXPECT_THAT(saved[2], IsEmpty());  // at the end of step 3
  EXPECT_THAT(files_.checkpoints().steps(), ElementsAre(3, 4, 6));
  EXPECT_EQ(RunReader(files_.database()).metrics().size(), 6u);
}

TEST_F(TrainingTroubleTest, AFailureAtTheBeginningLeavesNothing) {
  RunConfig config = small_training();
  config.model.chunk_length = 5;
  EXPECT_THROW(begin(config, directory_.path() / "a/b/run"), Error);
  EXPECT_FALSE(fs::exists(directory_.path() / "a"));
}

}  // namespace
}  // namespace reformer::test
