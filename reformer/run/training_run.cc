#include "reformer/run/training_run.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/version.h"
#include "reformer/math/finite.h"
#include "reformer/math/target.h"
#include "reformer/run/checkpoint_folder.h"
#include "reformer/run/model_file.h"
#include "reformer/run/output_directory.h"
#include "reformer/run/run_lock.h"
#include "reformer/run/run_reader.h"
#include "reformer/run/run_recorder.h"
#include "reformer/run/training_record.h"

namespace reformer {
namespace {

constexpr int kPatienceMs = 2000;

bool is_finite(Trainer& trainer) {
  return std::ranges::all_of(trainer.state(),
                             [](const StateTensor& tensor) { return all_finite(tensor.values); });
}

// JSON has no numbers that are not finite.
nlohmann::ordered_json number_or_name(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

std::string step_data(const StepReport& report) {
  return nlohmann::ordered_json{{"step", report.step},
                                {"loss", number_or_name(report.batch.loss)},
                                {"gradient_norm", number_or_name(report.gradient_norm)},
                                {"learning_rate", report.learning_rate}}
      .dump();
}

}  // namespace

RunOutcome TrainingRun::train(RunObserver& observer) {
  if (was_finished_) return outcome(RunStatus::finished, files_.model());
  try {
    note_beginning(observer);
    train_until_done(observer);
    return is_done() ? finish(observer) : interrupt(observer);
  } catch (const Divergence& divergence) {
    record_divergence(observer, divergence);
    throw;
  } catch (const Error& error) {
    record_failure(error.what());
    throw Error(saved_step_
                    ? fmt::format("{}; the state after step {} is safe: --resume {} goes on",
                                  error.what(), *saved_step_, files_.root.string())
                    : std::string(error.what()));
  } catch (const std::exception& error) {
    record_failure(error.what());
    throw;
  }
}

// What lies beyond the state that training goes on from goes: first the files, then the rows, so
// that rows never end before the newest checkpoint.
void TrainingRun::note_beginning(RunObserver& observer) {
  remove_left_overs(files_.root);
  files_.checkpoints().remove_after(trainer_.steps_done());
  remove_file(files_.model());
  recorder_->begin_session(pool_.size());
  if (const auto& dead = lock_->taken_over()) {
    note(observer, EventLevel::warning, "lock-taken-over",
         fmt::format("took over from {}, which ended without a word", describe(*dead)));
  }
  if (created_) {
    note(observer, EventLevel::info, "started", "training began");
  } else {
    note(observer, EventLevel::info, "resumed",
         fmt::format("training goes on after step {}", trainer_.steps_done()));
    note_program_change(observer);
  }
  if (!recorder_->commit(kPatienceMs)) save_pending_ = true;
}

void TrainingRun::note_program_change(RunObserver& observer) {
  if (!last_session_) return;
  const Session& last = *last_session_;
  if (last.simd == active_target() && last.version == version() && last.commit == commit()) return;
  note(observer, EventLevel::warning, "program-changed",
       fmt::format("now {} {} with {}, before {} {} with {}: bits may differ from an uninterrupted "
                   "run",
                   version(), commit(), active_target(), last.version, last.commit, last.simd));
}

void TrainingRun::train_until_done(RunObserver& observer) {
  for (;;) {
    stop_reason_ = observer.stop_reason();
    const bool stop = !stop_reason_.empty();
    if (evaluation_due() && !stop) evaluate(observer);
    const bool end = is_done() || stop;
    save_when_due(end);
    if (end) return;
    step(observer);
    recorder_->commit_when_due();
  }
}

void TrainingRun::step(RunObserver& observer) {
  const StepReport report = trainer_.step();
  validation_.reset();
  recorder_->step_done(report);
  if (!report.applied) {
    note(observer, EventLevel::warning, "skipped",
         fmt::format("step {} was left out: loss {}, gradient norm {}", report.step,
                     report.batch.loss, report.gradient_norm),
         step_data(report));
  }
  observer.step_done(report);
}

bool TrainingRun::evaluation_due() const {
  const int64_t every = trainer_.config().train.evaluate_every;
  const int64_t step = trainer_.steps_done();
  const bool due = trainer_.finished() || (every > 0 && step > 0 && step % every == 0);
  return due && !validation_;
}

void TrainingRun::evaluate(RunObserver& observer) {
  const double before = recorder_->run_clock().seconds();
  validation_ = trainer_.validation_loss(trainer_.own_attention());
  const double took = recorder_->run_clock().seconds() - before;
  recorder_->evaluated(trainer_, *validation_, took);
  if (!best_step_ || validation_->loss < best_loss_) {
    best_step_ = trainer_.steps_done();
    best_loss_ = validation_->loss;
  }
  observer.evaluated(trainer_.steps_done(), *validation_, took);
}

bool TrainingRun::target_reached() const {
  const double target = trainer_.config().train.target_accuracy;
  return target > 0 && validation_ && validation_->accuracy() >= target;
}

// Rows are committed before the state they belong to. While a reader keeps the database, the state
// waits with them.
void TrainingRun::save_when_due(bool at_once) {
  const TrainConfig& config = trainer_.config().train;
  const int64_t step = trainer_.steps_done();
  const bool regular = config.checkpoint_every > 0 && step > 0 &&
                       (step % config.checkpoint_every == 0 || best_step_ == step);
  if (saved_step_ == step || !(at_once || regular || save_pending_)) return;
  if (!is_finite(trainer_)) {
    StepReport report;
    report.step = step;
    throw Divergence(report);
  }
  lock_->check();
  const bool committed = recorder_->commit(save_pending_ && !at_once ? 0 : kPatienceMs);
  save_pending_ = !committed && !at_once;
  if (!committed && !at_once) return;
  const CheckpointFolder folder = files_.checkpoints();
  folder.save(trainer_);
  saved_step_ = step;
  folder.prune(config.keep_checkpoints, best_step_);
}

void TrainingRun::note(RunObserver& observer, EventLevel level, std::string_view kind,
                       std::string message, std::string data) {
  observer.noted(recorder_->note(level, kind, std::move(message), std::move(data)));
}

// The state before the step is kept, so that resuming replays it.
void TrainingRun::record_divergence(RunObserver& observer, const Divergence& divergence) {
  try {
    if (saved_step_ != trainer_.steps_done() && is_finite(trainer_)) {
      files_.checkpoints().save(trainer_);
      saved_step_ = trainer_.steps_done();
    }
    note(observer, EventLevel::error, "diverged", divergence.what(),
         step_data(divergence.report()));
    recorder_->end_session(RunStatus::diverged, divergence.what());
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch)
    // The divergence is what went wrong first, and what is reported.
  }
}

void TrainingRun::record_failure(const std::string& reason) noexcept {
  try {
    lock_->check();
    recorder_->note(EventLevel::error, "failed", reason);
    recorder_->end_session(RunStatus::failed, reason);
  } catch (...) {  // NOLINT(bugprone-empty-catch)
    // A disk that fails cannot be told so.
  }
}

RunOutcome TrainingRun::finish(RunObserver& observer) {
  save_model(files_.model(), trainer_.config().model, trainer_.parameters(),
             to_json(TrainingRecord{trainer_.config(), trainer_.steps_done(),
                                    trainer_.own_attention().rotation_seed}));
  note(observer, EventLevel::info, "finished",
       fmt::format("training ended after step {}{}", trainer_.steps_done(),
                   target_reached() ? ": it reached its target" : ""));
  recorder_->end_session(RunStatus::finished, target_reached() ? "target reached" : "");
  return outcome(RunStatus::finished, files_.model());
}

RunOutcome TrainingRun::interrupt(RunObserver& observer) {
  note(observer, EventLevel::info, "interrupted",
       fmt::format("{} after step {}", stop_reason_, trainer_.steps_done()));
  recorder_->end_session(RunStatus::interrupted, stop_reason_);
  return outcome(RunStatus::interrupted, files_.checkpoints().path_of(trainer_.steps_done()));
}

RunOutcome TrainingRun::outcome(RunStatus status, std::filesystem::path saved) const {
  return {status, target_reached(), validation_, std::move(saved)};
}

}  // namespace reformer
