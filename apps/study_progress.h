// Shows how a study goes: each training, then the evaluations.
#pragma once

#include <memory>

#include "apps/training_progress.h"
#include "reformer/experiment/trained_model.h"

namespace reformer::apps {

class StudyProgress final : public StudyObserver {
 public:
  explicit StudyProgress(bool quiet) : options_{.quiet = quiet} {}

  void training_begins(std::string_view name, int64_t steps) override;
  void step_done(const StepReport& report) override;
  void training_ends(const TrainedModel& model) override;
  void evaluation_done(const Cell& cell, int64_t done, int64_t total) override;

 private:
  ProgressOptions options_;
  LiveLine line_;
  std::unique_ptr<TrainingProgress> training_;
};

}  // namespace reformer::apps
