// Runs of a few steps in a directory, with a clock of their own and observers that stop them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "reformer/base/files.h"
#include "reformer/run/checkpoint_folder.h"
#include "reformer/run/run_reader.h"
#include "reformer/run/training_run.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {

inline RunConfig small_training(OptimizerKind optimizer = OptimizerKind::fastai_adam) {
  RunConfig run = run_preset("smoke");
  run.model.attention = AttentionKind::lsh;
  run.model.hash_rounds = 2;
  run.model.dropout = 0.1;
  run.task.validation_rows = 8;
  run.train.batch = 5;
  run.train.steps = 6;
  run.train.evaluate_every = 2;
  run.train.checkpoint_every = 3;
  run.train.optimizer = optimizer_defaults(optimizer);
  return run;
}

// A hundredth of a second passes with every look at it.
inline RunClock counting_clock() {
  const auto now = std::make_shared<double>(0);
  const auto tick = [now] { return *now += 0.01; };
  return {[tick] { return 1.75e9 + tick(); }, tick};
}

// Does something after every step, and stops when asked to.
class Watcher final : public RunObserver {
 public:
  explicit Watcher(
      std::function<void(int64_t)> after_step = [](int64_t) {}, int64_t last_step = 1 << 30)
      : after_step_(std::move(after_step)), last_step_(last_step) {}

  void step_done(const StepReport& report) override {
    step_ = report.step;
    after_step_(report.step);
  }
  void noted(const Event& event) override { kinds.push_back(event.kind); }
  std::string stop_reason() override { return step_ >= last_step_ ? "stopped by a test" : ""; }

  std::vector<std::string> kinds;  // of the events

 private:
  std::function<void(int64_t)> after_step_;
  int64_t step_ = 0, last_step_;
};

inline Watcher stop_after(int64_t step) {
  return Watcher([](int64_t) {}, step);
}

// What must not depend on how often a training was stopped, nor on threads: the model, the last
// checkpoint, and every recorded number that is not a time.
struct Lasting {
  std::string model, checkpoint;
  std::vector<std::tuple<int64_t, double, double, double, double, int64_t, bool>> metrics;
  std::vector<std::tuple<int64_t, double, double, int64_t, uint64_t>> evaluations;
  bool operator==(const Lasting&) const = default;
};

inline Lasting lasting(const RunFiles& files) {
  Lasting all;
  all.model = read_file(files.model());
  all.checkpoint = read_file(files.checkpoints().path_of(files.checkpoints().steps().back()));
  RunReader reader(files.database());
  for (const StepMetrics& m : reader.metrics()) {
    // NaN, where there is no momentum, would not equal itself.
    all.metrics.emplace_back(m.step, m.loss, m.accuracy, m.learning_rate, m.gradient_norm,
                             m.lost_pairs, m.applied);
  }
  for (const EvaluationRecord& e : reader.evaluations()) {
    all.evaluations.emplace_back(e.step, e.loss, e.accuracy, e.lost_pairs, e.rotation_seed);
  }
  return all;
}

// Runs in a directory that goes with the test.
class SmallTrainingTest : public testing::Test {
 protected:
  std::unique_ptr<TrainingRun> begin(const RunConfig& config,
                                     const std::filesystem::path& directory) {
    return TrainingRun::begin(directory, config, false, pool_, counting_clock());
  }
  std::unique_ptr<TrainingRun> resume(const std::filesystem::path& path) {
    return TrainingRun::resume(path, pool_, counting_clock());
  }

  TemporaryDirectory directory_;
  ThreadPool pool_{1};
};

}  // namespace reformer::test
