#include "reformer/bench/study_time.h"

#include <gtest/gtest.h>

#include "reformer/base/error.h"
#include "reformer/bench/counts.h"
#include "reformer/experiment/study_runs.h"
#include "reformer/experiment/sweep_runner.h"
#include "reformer/run/run_files.h"
#include "reformer/run/run_reader.h"
#include "tests/support/temporary_directory.h"

namespace reformer {
namespace {

TEST(StudyTime, FractionsAreOfAllThreadsThatWorked) {
  TimedWork work{.count = 1, .operations = 30e9, .seconds = 1, .threads = 2};
  EXPECT_DOUBLE_EQ(work.fraction_of_peak(100e9), 0.15);
  work.add({.count = 2, .operations = 90e9, .seconds = 1, .threads = 2});
  EXPECT_EQ(work.count, 3);
  EXPECT_DOUBLE_EQ(work.fraction_of_peak(100e9), 0.3);
}

TEST(StudyTime, TrainingCountsTheStepsOfTheRunsAndTheirTime) {
  const test::TemporaryDirectory directory;
  std::vector<SweepMember> members = table2_members("smoke", 1, 1);
  members.resize(2);
  ThreadPool pool(1);
  SweepObserver observer;
  double now = 0;
  const RunClock clock{[&] { return now; }, [&] { return now += 0.5; }};
  run_members(members, directory.path(), {.jobs = 1, .threads = 1, .retries = 0}, clock, observer);
  const TimedWork work = training_work(members, directory.path(), 1);
  double operations = 0, seconds = 0;
  for (const SweepMember& member : members) {
    const ModelConfig& model = member.config.model;
    // Every word is scored but for its first symbol, which nothing before it tells.
    operations += static_cast<double>(member.config.train.steps * member.config.train.batch) *
                  training_operations(model, attention_of(model, 1), model.length / 2);
    seconds += RunReader(RunFiles{directory.path() / member.name}.database()).state().seconds;
  }
  EXPECT_EQ(work.count, 2);
  EXPECT_DOUBLE_EQ(work.operations, operations);
  EXPECT_DOUBLE_EQ(work.seconds, seconds);
  EXPECT_GT(seconds, 0);
}

TEST(StudyTime, EvaluationsCountUnderTheAttentionThatEvaluates) {
  Table2 table;
  TrainedModel model;
  model.trained = "full";
  model.config = table2_config("smoke", "full", 1);
  table.models.push_back(model);
  Cell cell;
  cell.trained = "full";
  cell.evaluated = "full";
  cell.sequences = 10;
  cell.loss.scored = 10 * 7;
  table.made = {cell};
  cell.evaluated = "lsh-2";
  table.made.insert(table.made.end(), 3, cell);
  table.cells.assign(20, cell);  // also those that were taken from earlier evaluations
  const TimedWork work = evaluation_work(table, 3, 2);
  ModelConfig lsh = model.config.model;
  train_under(lsh, "lsh-2");
  EXPECT_EQ(work.count, 4);
  EXPECT_EQ(work.seconds, 3);
  EXPECT_EQ(work.threads, 2);
  EXPECT_DOUBLE_EQ(
      work.operations,
      10 * (forward_operations(model.config.model, attention_of(model.config.model, 0), 7) +
            3 * forward_operations(lsh, attention_of(lsh, 0), 7)));
  table.models.clear();
  EXPECT_THROW(evaluation_work(table, 3, 2), std::logic_error);
}

TEST(StudyTime, SaysWhetherItWasResumed) {
  StudyTime time;
  time.wall_seconds = 100;
  time.peak = 100e9;
  time.training = {.count = 4, .operations = 6e12, .seconds = 60, .threads = 2};
  time.evaluation = {.count = 20, .operations = 3e12, .seconds = 30, .threads = 2};
  EXPECT_EQ(
      study_time_text(time),
      "100 s: 4 models trained in 60 s by 2 threads at 50.0 % of peak; 20 evaluations in 30 s by 2 "
      "threads at 50.0 % of peak; peak 100.0 GFLOP/s a thread\n");
  time.resumed = true;
  EXPECT_EQ(study_time_text(time).substr(0, 16), "resumed, 100 s: ");
  EXPECT_EQ(study_time_json(time)["resumed"], true);
  EXPECT_EQ(study_time_json(time)["training"]["gflop"], 6000);
}

}  // namespace
}  // namespace reformer
