#include "apps/study_progress.h"

#include <fmt/format.h>

#include "apps/output.h"
#include "reformer/base/json_line.h"

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
  const auto now = Clock::now();
  if (done == 1) evaluations_began_ = now;
  if (options_.quiet) return;
  const bool watched = line_.on_terminal() && !options_.json;
  if (!watched && now - last_written_ < std::chrono::duration<double>(options_.log_seconds)) return;
  last_written_ = now;
  // Evaluations that were kept take no time: a study that goes on has more to do than it looks.
  const double took = std::chrono::duration<double>(now - evaluations_began_).count();
  const double left =
      done > 1 ? took * static_cast<double>(total - done) / static_cast<double>(done - 1) : 0;
  std::string text = fmt::format("evaluation {}/{}  {} under {}: accuracy {:.2f} %", done, total,
                                 cell.evaluated, cell.semantics, 100 * cell.loss.accuracy());
  if (done > 1) text += fmt::format("  {} left", duration_text(left));
  if (watched) {
    line_.show(cell.trained, text);
  } else if (!options_.json) {
    line_.write(fmt::format("{}  {}", cell.trained, text));
  } else {
    line_.write(json_line({{"kind", "evaluation"},
                           {"name", cell.trained},
                           {"evaluated", cell.evaluated},
                           {"semantics", cell.semantics},
                           {"rotation_seed", cell.rotation_seed},
                           {"accuracy", cell.loss.accuracy()},
                           {"done", done},
                           {"total", total},
                           {"seconds_left", left}}));
  }
}

}  // namespace reformer::apps
