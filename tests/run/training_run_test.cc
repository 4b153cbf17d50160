// A run goes on to the same bits however often it is stopped, and keeps the states that it
// promises.
#include "reformer/run/training_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "reformer/base/error.h"
#include "reformer/math/bf16.h"
#include "reformer/run/checkpoint.h"
#include "reformer/run/model_file.h"
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
using testing::ThrowsMessage;

class TrainingRunTest : public SmallTrainingTest {
 protected:
  RunFiles files(const std::string& name = "run") const { return {directory_.path() / name}; }

  std::unique_ptr<TrainingRun> begin(const RunConfig& config, const std::string& name = "run") {
    return SmallTrainingTest::begin(config, files(name).root);
  }
  using SmallTrainingTest::resume;
  std::unique_ptr<TrainingRun> resume() { return resume(files().root); }

  // A whole run without a stop.
  Lasting uninterrupted(const RunConfig& config) {
    Watcher watcher;
    begin(config, "whole")->train(watcher);
    return lasting(files("whole"));
  }
};

TEST_F(TrainingRunTest, StoppingAfterEveryStepChangesNoBit) {
  std::vector<RunConfig> configs = {small_training(), small_training(OptimizerKind::adafactor)};
  if (bf16_is_native()) {
    configs.push_back(small_training());
    configs.back().train.precision = Precision::bf16;
  }
  for (const RunConfig& config : configs) {
    const TemporaryDirectory directory;
    ThreadPool one(1), three(3);
    Watcher watcher;
    TrainingRun::begin(directory / "whole", config, false, one, counting_clock())->train(watcher);

    Watcher at_once = stop_after(0);
    RunOutcome outcome =
        TrainingRun::begin(directory / "run", config, false, one, counting_clock())->train(at_once);
    for (int64_t step = 1; outcome.status == RunStatus::interrupted; ++step) {
      ASSERT_LE(step, config.train.steps + 1);
      Watcher next = stop_after(step);
      outcome =
          TrainingRun::resume(directory / "run", step % 2 == 0 ? one : three, counting_clock())
              ->train(next);
    }
    const Lasting whole = lasting({directory / "whole"});
    EXPECT_EQ(whole.metrics.size(), 6u);
    EXPECT_EQ(whole.evaluations.size(), 3u);
    EXPECT_TRUE(lasting({directory / "run"}) == whole)
        << enum_name(config.train.optimizer.kind) << " " << enum_name(config.train.precision);
  }
}

// What was done and recorded beyond the checkpoint is done and recorded anew.
TEST_F(TrainingRunTest, GoesOnFromAnEarlierCheckpoint) {
  const RunConfig config = small_training();
  const Lasting whole = uninterrupted(config);
  Watcher stopped = stop_after(5);
  begin(config)->train(stopped);
  EXPECT_THAT(files().checkpoints().steps(), ElementsAre(3, 4, 5));
  Watcher watcher;
  resume(files().checkpoints().path_of(3))->train(watcher);
  EXPECT_TRUE(lasting(files()) == whole);
}

TEST_F(TrainingRunTest, KeepsTheNewestAndTheBest) {
  RunConfig config = small_training();
  config.train.schedule.learning_rate = 0;  // all evaluations are equal, and the first is the best
  config.train.checkpoint_every = 1;
  config.train.keep_checkpoints = 2;
  Watcher watcher;
  begin(config)->train(watcher);
  EXPECT_THAT(files().checkpoints().steps(), ElementsAre(2, 5, 6));
}

TEST_F(TrainingRunTest, SavesTheBestBetweenCheckpoints) {
  RunConfig config = small_training();
  config.train.steps = 8;
  config.train.checkpoint_every = 100;
  config.train.keep_checkpoints = 1;
  config.train.schedule.learning_rate = 0;
  Watcher watcher;
  begin(config)->train(watcher);
  EXPECT_THAT(files().checkpoints().steps(), ElementsAre(2, 8));

  // The state is the one that was evaluated.
  Trainer trainer(config, pool_);
  restore_checkpoint(files().checkpoints().path_of(2), trainer);
  const BatchLoss again = trainer.validation_loss(trainer.own_attention());
  EXPECT_EQ(RunReader(files().database()).evaluations().front().loss, again.loss);
}

TEST_F(TrainingRunTest, SavesAtTheEndOnlyWhenAskedTo) {
  RunConfig config = small_training();
  config.train.checkpoint_every = 0;
  Watcher stopped = stop_after(5);
  begin(config)->train(stopped);
  EXPECT_THAT(files().checkpoints().steps(), ElementsAre(5));
  Watcher watcher;
  resume()->train(watcher);
  EXPECT_THAT(files().checkpoints().steps(), ElementsAre(5, 6));
}

TEST_F(TrainingRunTest, AFinishedRunStaysAsItIs) {
  Watcher watcher;
  begin(small_training())->train(watcher);
  const auto before = fs::last_write_time(files().model());
  const std::string database = read_file(files().database());
  const RunOutcome outcome = resume()->train(watcher);
  EXPECT_EQ(outcome.status, RunStatus::finished);
  EXPECT_TRUE(outcome.validation.has_value());
  EXPECT_EQ(outcome.saved, files().model());
  EXPECT_EQ(fs::last_write_time(files().model()), before);
  EXPECT_TRUE(read_file(files().database()) == database);
}

TEST_F(TrainingRunTest, EndsAtTheTargetAlsoWhenResumed) {
  RunConfig config = small_training();
  config.train.schedule.learning_rate = 0;
  config.train.steps = 100;
  config.task.validation_rows = 128;
  Watcher stopped = stop_after(4);
  RunOutcome outcome = begin(config)->train(stopped);
  ASSERT_GT(outcome.validation->accuracy(), 0);
  EXPECT_FALSE(outcome.target_reached);
  config.train.target_accuracy = outcome.validation->accuracy();
  Watcher first = stop_after(1);
  begin(config, "target")->train(first);
  Watcher second;
  outcome = resume(files("target").root)->train(second);
  EXPECT_TRUE(outcome.target_reached);
  EXPECT_EQ(outcome.status, RunStatus::finished);
  EXPECT_EQ(load_model(files("target").model()).training["steps_done"], 2);
}

TEST_F(TrainingRunTest, TellsItsStory) {
  Watcher stopped = stop_after(2);
  begin(small_training())->train(stopped);
  EXPECT_THAT(stopped.kinds, ElementsAre("started", "interrupted"));
  RunReader reader(files().database());
  EXPECT_EQ(reader.state().status, RunStatus::interrupted);
  EXPECT_EQ(reader.state().reason, "stopped by a test");
  Watcher watcher;
  resume()->train(watcher);
  EXPECT_THAT(watcher.kinds, ElementsAre("resumed", "finished"));
  EXPECT_EQ(reader.state().status, RunStatus::finished);
  ASSERT_EQ(reader.sessions().size(), 2u);
  EXPECT_EQ(reader.sessions()[0].last_step, 2);
  EXPECT_EQ(reader.sessions()[1].first_step, 2);
  EXPECT_EQ(reader.sessions()[1].last_step, 6);
}

TEST_F(TrainingRunTest, RecordsWhatAttentionDoes) {
  RunConfig config = small_training();
  config.train.steps = 10;
  Watcher watcher;
  begin(config)->train(watcher);
  RunReader reader(files().database());
  const std::vector<StepMetrics> metrics = reader.metrics();
  ASSERT_EQ(metrics.size(), 10u);
  for (const StepMetrics& m : metrics) {
    EXPECT_GT(m.hash_recall, 0) << m.step;
    EXPECT_LT(m.hash_recall, 1) << m.step;
    EXPECT_EQ(std::isnan(m.attention_entropy), m.step % Trainer::kEntropyEvery != 0) << m.step;
  }
  for (const EvaluationRecord& e : reader.evaluations()) {
    EXPECT_GT(e.hash_recall, 0) << e.step;
    EXPECT_GT(e.attention_entropy, 0) << e.step;
  }
  config.model.attention = AttentionKind::full;
  begin(config, "full")->train(watcher);
  RunReader full(files("full").database());
  EXPECT_TRUE(std::isnan(full.metrics().back().hash_recall)) << "nothing is hashed";
  EXPECT_GT(full.metrics().back().attention_entropy, 0);
}

TEST_F(TrainingRunTest, OnlyOneAtATime) {
  const auto run = begin(small_training());
  const auto refused = ThrowsMessage<Error>(HasSubstr("no other process trains, found process "));
  EXPECT_THAT([&] { resume(); }, refused);
  EXPECT_THAT([&] { begin(small_training()); }, refused);
  Watcher watcher;
  EXPECT_EQ(run->train(watcher).status, RunStatus::finished);
}

TEST_F(TrainingRunTest, ReplacesARunOnlyWhenAskedTo) {
  RunConfig config = small_training();
  Watcher watcher;
  begin(config)->train(watcher);
  const Lasting before = lasting(files());
  ++config.train.seed;
  EXPECT_THAT([&] { begin(config); },
              ThrowsMessage<Error>(AllOf(HasSubstr("--resume"), HasSubstr("--force"))));
  EXPECT_TRUE(lasting(files()) == before);
  std::ofstream(files().root / "notes.txt") << "stays";
  TrainingRun::begin(files().root, config, true, pool_, counting_clock())->train(watcher);
  EXPECT_FALSE(lasting(files()) == before);
  EXPECT_EQ(RunReader(files().database()).sessions().size(), 1u);
  EXPECT_TRUE(fs::exists(files().root / "notes.txt"));
}

}  // namespace
}  // namespace reformer::test
