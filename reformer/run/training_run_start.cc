// How a TrainingRun begins and how it goes on.
#include <cmath>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/checkpoint_folder.h"
#include "reformer/run/output_directory.h"
#include "reformer/run/run_lock.h"
#include "reformer/run/run_reader.h"
#include "reformer/run/run_recorder.h"
#include "reformer/run/training_run.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

struct ResumePoint {
  RunFiles files;
  std::optional<int64_t> step;  // of a checkpoint that was asked for
};

ResumePoint resume_point(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return {{path}, std::nullopt};
  const fs::path folder = path.parent_path();
  const std::optional<int64_t> step = checkpoint_step(path);
  if (!step || folder.filename() != "checkpoints" || !fs::exists(path, ignored)) {
    fail(path.string(),
         "expected the directory of a run or a file of its folder `checkpoints`, found neither; "
         "try the directory that --run named");
  }
  return {{folder.has_parent_path() ? folder.parent_path() : fs::path(".")}, step};
}

RunState first_state(const Trainer& trainer, double unix_seconds) {
  RunState state;
  state.name = trainer.own_attention().name();
  state.seed = trainer.config().train.seed;
  state.steps = trainer.config().train.steps;
  state.created_at = unix_seconds;
  state.updated_at = unix_seconds;
  return state;
}

}  // namespace

TrainingRun::TrainingRun(std::unique_ptr<OutputDirectory> created, std::unique_ptr<RunLock> lock,
                         RunFiles files, const RunConfig& config, ThreadPool& pool)
    : created_(std::move(created)),
      lock_(std::move(lock)),
      files_(std::move(files)),
      pool_(pool),
      trainer_(config, pool) {}

TrainingRun::~TrainingRun() = default;

double TrainingRun::seconds() const { return recorder_->seconds(); }

std::unique_ptr<TrainingRun> TrainingRun::begin(const fs::path& directory, const RunConfig& config,
                                                bool replace, ThreadPool& pool,
                                                const RunClock& clock) {
  auto created = std::make_unique<OutputDirectory>(directory);
  const RunFiles files{created->path()};
  auto lock = std::make_unique<RunLock>(files.lock(), clock.unix_seconds());
  if (!replace && holds_run(files)) {
    fail(files.root.string(),
         "expected a directory without a run, found one; try --resume {} to go on with it, another "
         "--run, or --force to replace it",
         files.root.string());
  }
  std::unique_ptr<TrainingRun> run(
      new TrainingRun(std::move(created), std::move(lock), files, config, pool));
  run->start_files(replace, clock);
  return run;
}

void TrainingRun::start_files(bool replace, const RunClock& clock) {
  if (replace) remove_run(files_);
  try {
    write_run_config(files_, trainer_.config());
    open_database(clock);
  } catch (...) {
    remove_run(files_);
    throw;
  }
}

std::unique_ptr<TrainingRun> TrainingRun::resume(const fs::path& path, ThreadPool& pool,
                                                 const RunClock& clock) {
  const auto [files, wanted] = resume_point(path);
  if (std::error_code ignored; !fs::exists(files.config(), ignored)) {
    fail(files.root.string(),
         "expected a run (with its config.json), found none; try the "
         "directory that --run named");
  }
  auto lock = std::make_unique<RunLock>(files.lock(), clock.unix_seconds());
  std::unique_ptr<TrainingRun> run(
      new TrainingRun(nullptr, std::move(lock), files, read_run_config(files), pool));
  const std::vector<int64_t> steps = files.checkpoints().steps();
  if (wanted || !steps.empty()) run->restore(wanted.value_or(steps.empty() ? 0 : steps.back()));
  run->open_database(clock);
  return run;
}

void TrainingRun::restore(int64_t step) {
  files_.checkpoints().restore(step, trainer_);
  if (trainer_.steps_done() > trainer_.config().train.steps) {
    fail(files_.checkpoints().path_of(step).string(), "expected at most {} steps, found {}",
         trainer_.config().train.steps, trainer_.steps_done());
  }
  saved_step_ = step;
}

// What is recorded may lie behind the checkpoint only when the database was removed: it begins
// anew then, and training goes on all the same.
void TrainingRun::open_database(const RunClock& clock) {
  const int64_t step = trainer_.steps_done();
  if (std::error_code ignored; !fs::exists(files_.database(), ignored)) {
    recorder_ = std::make_unique<RunRecorder>(
        RunWriter::create(files_.database(), first_state(trainer_, clock.unix_seconds())), clock,
        step, 0);
    return;
  }
  try {
    RunWriter writer(files_.database());
    RunReader reader(files_.database());
    const RunState state = reader.state();
    const std::vector<StepMetrics> row = reader.metrics(step - 1);
    const bool known = !row.empty() && row.front().step == step;
    read_history(reader, state);
    recorder_ = std::make_unique<RunRecorder>(std::move(writer), clock, step,
                                              known       ? row.front().seconds
                                              : step == 0 ? 0
                                                          : state.seconds);
  } catch (const Error& error) {
    throw Error(fmt::format("{}; or move it away: training goes on with a new one", error.what()));
  }
}

void TrainingRun::read_history(RunReader& reader, const RunState& state) {
  const int64_t step = trainer_.steps_done();
  const AttentionChoice own = trainer_.own_attention();
  for (const EvaluationRecord& e : reader.evaluations()) {
    if (e.step > step || e.attention != own.name() || e.rotation_seed != own.rotation_seed)
      continue;
    if (e.step == step) {
      validation_ =
          BatchLoss{e.loss,        std::llround(e.accuracy * static_cast<double>(e.scored)),
                    e.scored,      e.lost_pairs,
                    e.hash_recall, e.attention_entropy};
    }
    if (!best_step_ || e.loss < best_loss_) {
      best_step_ = e.step;
      best_loss_ = e.loss;
    }
  }
  const std::vector<Session> sessions = reader.sessions();
  if (!sessions.empty()) last_session_ = sessions.back();
  const std::vector<int64_t> all = files_.checkpoints().steps();
  std::error_code ignored;
  was_finished_ = state.status == RunStatus::finished && fs::exists(files_.model(), ignored) &&
                  (all.empty() || all.back() == step) && is_done();
}

}  // namespace reformer
