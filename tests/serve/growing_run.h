// A run that a test makes grow, step by step.
#pragma once

#include <filesystem>

#include "reformer/run/run_files.h"
#include "reformer/run/run_lock.h"
#include "reformer/run/run_writer.h"

namespace reformer::test {

class GrowingRun {
 public:
  explicit GrowingRun(const std::filesystem::path& directory) : files_{directory} {
    std::filesystem::create_directories(directory);
    write_run_config(files_, run_preset("smoke"));
    writer_.emplace(RunWriter::create(
        files_.database(), {.name = "full", .seed = 1, .steps = 1'000'000, .reason = ""}));
    begin_session();
    grow(0);
  }

  void begin_session() {
    Session session;
    session.pid = 1;
    writer_->begin_session(session);
  }

  // So many more steps, and a commit.
  void grow(int64_t steps) {
    RunState state = writer_->state();
    for (int64_t i = 0; i < steps; ++i) {
      StepMetrics metrics;
      metrics.step = ++state.step;
      metrics.loss = 1.0 / static_cast<double>(metrics.step);
      metrics.accuracy = 0.5;
      if (metrics.step % 10 == 0) metrics.attention_entropy = 1;
      writer_->add(metrics);
    }
    writer_->set_state(state);
    if (!writer_->commit(0, 1000)) throw std::runtime_error("a reader is in the way");
  }

  // Another training goes on from this step.
  void go_back_to(int64_t step) {
    writer_->forget_after(step);
    RunState state = writer_->state();
    state.step = step;
    writer_->set_state(state);
    begin_session();
    grow(0);
  }

  const RunFiles& files() const { return files_; }

 private:
  RunFiles files_;
  std::optional<RunWriter> writer_;
};

}  // namespace reformer::test
