#include "apps/study_progress.h"

#include <fmt/format.h>

#include "apps/output.h"

namespace reformer::apps {

void StudyProgress::training_begins(std::string_view name, int64_t steps) {
  training_ =
      std::make_unique<TrainingProgress>(std::string(name), TrainingPlan{.steps = steps}, options_);
}

void StudyProgress::step_done(const StepReport& report) { training_->step_done(report); }

void StudyProgress::training_ends(const TrainedModel& model) {
  training_->note(fmt::format("trained {} steps in {}  loss {:.4f}  accuracy {:.2f} %",
                              model.config.train.steps, duration_text(training_->seconds()),
                              model.last_batch.loss, 100 * model.last_batch.accuracy()));
}

void StudyProgress::evaluation_done(const Cell& cell, int64_t done, int64_t total) {
  training_.reset();
  if (options_.quiet) return;
  line_.show(cell.trained,
             fmt::format("evaluation {}/{}  {} under {}: accuracy {:.2f} %", done, total,
                         cell.evaluated, cell.semantics, 100 * cell.loss.accuracy()));
}

}  // namespace reformer::apps
