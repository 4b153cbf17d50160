// Shows how a study goes: each training, then the evaluations.
#pragma once

#include <chrono>
#include <memory>

#include "apps/training_progress.h"
#include "reformer/experiment/trained_model.h"

namespace reformer::apps {

class StudyProgress final : public StudyObserver {
 public:
  explicit StudyProgress(ProgressOptions options) : options_(options) {}

  void training_begins(std::string_view name, int64_t steps) override;
  void step_done(const StepReport& report) override;
  void training_ends(const TrainedModel& model) override;
  void evaluation_done(const Cell& cell, int64_t done, int64_t total) override;

 private:
  using Clock = std::chrono::steady_clock;

  ProgressOptions options_;
  LiveLine line_;
  Clock::time_point evaluations_began_;  // when the first was done
  Clock::time_point last_written_;       // long ago: the first evaluation shows at once
  std::unique_ptr<TrainingProgress> training_;
};

}  // namespace reformer::apps
