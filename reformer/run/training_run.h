// One training with its directory: it begins or goes on, records what happens, saves its state now
// and then, and ends in good order.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "reformer/run/run_clock.h"
#include "reformer/run/run_files.h"
#include "reformer/run/run_records.h"
#include "reformer/train/trainer.h"

namespace reformer {

class OutputDirectory;
class RunLock;
class RunReader;
class RunRecorder;

// Whoever watches a training. Called from the thread that trains.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void step_done(const StepReport&) {}
  virtual void evaluated(int64_t /*step*/, const BatchLoss&, double /*seconds*/) {}
  virtual void noted(const Event&) {}
  // Why training should stop after the step that is done, or "": asked after every step.
  virtual std::string stop_reason() { return ""; }
};

struct RunOutcome {
  RunStatus status = RunStatus::finished;  // or interrupted
  bool target_reached = false;
  std::optional<BatchLoss> validation;  // of the state as it is, if that was evaluated
  std::filesystem::path saved;          // the model of a finished run, else the checkpoint
};

class TrainingRun {
 public:
  ~TrainingRun();

  // Begins a run in `directory`, which is created. Throws Error when there is a run already, unless
  // it is to be replaced, or when another process trains there. A failure leaves what was there as
  // it was, and nothing where nothing was.
  static std::unique_ptr<TrainingRun> begin(const std::filesystem::path& directory,
                                            const RunConfig& config, bool replace, ThreadPool& pool,
                                            const RunClock& clock);

  // Goes on with the run whose directory, or one of whose checkpoints, `path` is: from that or the
  // newest checkpoint, or from the start when there is none yet. What was recorded beyond is
  // removed. Throws Error when a file is damaged or not of this run, naming the checkpoint before
  // it, and when another process trains there.
  static std::unique_ptr<TrainingRun> resume(const std::filesystem::path& path, ThreadPool& pool,
                                             const RunClock& clock);

  // Trains to the end, or until the observer wants to stop. The result has the same bits however
  // often the run was stopped and resumed, and for any number of threads.
  // Throws Divergence or Error when training cannot go on; the state that was saved last is intact
  // then, and the database says what happened where it can be written.
  RunOutcome train(RunObserver& observer);

  const Trainer& trainer() const { return trainer_; }
  const RunFiles& files() const { return files_; }
  double seconds() const;

 private:
  TrainingRun(std::unique_ptr<OutputDirectory> created, std::unique_ptr<RunLock> lock,
              RunFiles files, const RunConfig& config, ThreadPool& pool);

  void start_files(bool replace, const RunClock& clock);
  void restore(int64_t step);
  void open_database(const RunClock& clock);
  void read_history(RunReader& reader, const RunState& state);
  void train_until_done(RunObserver& observer);
  void step(RunObserver& observer);
  void evaluate(RunObserver& observer);
  void save_when_due(bool at_once);
  void note(RunObserver& observer, EventLevel level, std::string_view kind, std::string message,
            std::string data = "");
  void note_program_change(RunObserver& observer);
  void note_beginning(RunObserver& observer);
  void record_divergence(RunObserver& observer, const Divergence& divergence);
  void record_failure(const std::string& reason) noexcept;
  RunOutcome finish(RunObserver& observer);
  RunOutcome interrupt(RunObserver& observer);
  RunOutcome outcome(RunStatus status, std::filesystem::path saved) const;

  bool evaluation_due() const;
  bool target_reached() const;
  // All steps and the last evaluation.
  bool is_done() const { return (trainer_.finished() && validation_) || target_reached(); }

  // Let go in reverse order: the lock's file, then a directory that stayed empty.
  std::unique_ptr<OutputDirectory> created_;
  std::unique_ptr<RunLock> lock_;
  RunFiles files_;
  ThreadPool& pool_;
  Trainer trainer_;
  std::unique_ptr<RunRecorder> recorder_;  // from open_database on

  bool was_finished_ = false;            // before this process
  std::optional<Session> last_session_;  // of the process before this one
  std::optional<BatchLoss> validation_;  // of the state as it is
  std::optional<int64_t> saved_step_, best_step_;
  double best_loss_ = 0;
  bool save_pending_ = false;  // a reader was in the way
  std::string stop_reason_;
};

}  // namespace reformer
