// reformer train: trains one model in the directory of a run, from the start or from where it was.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "apps/commands/commands.h"
#include "apps/interrupt.h"
#include "apps/output.h"
#include "apps/run_flags.h"
#include "apps/threads_flag.h"
#include "apps/training_progress.h"
#include "apps/wall_clock.h"
#include "reformer/base/error.h"
#include "reformer/experiment/provenance.h"
#include "reformer/run/training_run.h"

namespace reformer::apps {
namespace {

struct TrainFlags : ThreadsFlag {
  int64_t log_every = 0;
  double log_seconds = 5;

  template <class Visitor>
  void visit(Visitor&& v) {
    ThreadsFlag::visit(v);
    v("log_every", log_every, at_least(0), "steps between lines that stay; 0: by time");
    v("log_seconds", log_seconds, between(0, 1e6), "seconds between lines, if not on a terminal");
  }
};

constexpr const char* kTrainExamples = R"(Examples:
  reformer train                                       full attention, two minutes on a laptop
  reformer train --attention lsh --hashes 4 --seed 1   LSH attention with four hash rounds
  reformer train --preset smoke --run /tmp/smoke       a second: does it run at all
  reformer train --config runs/full-seed42/config.json --learning-rate 5e-4 --run runs/slower
  reformer train --resume runs/full-seed42             go on with a run that was stopped

Values come from the preset, then the file, then the flags. `reformer config --list` shows each
setting with its default and range. Ctrl-C finishes the step and saves; --resume goes on.)";

// Shows the training and stops it by signals.
class Watch final : public RunObserver {
 public:
  Watch(TrainingProgress& progress, const InterruptGuard& interrupt)
      : progress_(progress), interrupt_(interrupt) {}

  void step_done(const StepReport& report) override {
    last_ = report;
    progress_.step_done(report);
  }
  void evaluated(int64_t step, const BatchLoss& loss, double took_seconds) override {
    progress_.evaluated(step, loss, took_seconds);
  }
  void noted(const Event& event) override {
    if (event.level != EventLevel::info || event.kind == "resumed") {
      progress_.note(event.message, event.kind);
    }
  }
  std::string stop_reason() override { return interrupt_.reason(); }

  const StepReport& last() const { return last_; }

 private:
  TrainingProgress& progress_;
  const InterruptGuard& interrupt_;
  StepReport last_;
};

class TrainCommand {
 public:
  explicit TrainCommand(CLI::App& command) : run_flags_(command) {
    const std::string group = "Run";
    command.add_option("--run", directory_, "directory of the run [runs/ATTENTION-seedSEED]")
        ->type_name("DIR")
        ->group(group);
    command.add_option("--resume", resume_, "go on with the run in DIR, from its last checkpoint")
        ->type_name("DIR")
        ->group(group);
    command.add_flag("--force", force_, "replace a run that is already there")->group(group);
    flags_.add(command, settings_of(values_), group);
    command.add_flag("--quiet", quiet_, "show no progress")->group(group);
    command.add_flag("--json", json_, "print progress and result as JSON")->group(group);
  }

  int run() {
    flags_.write_given(settings_of(values_));
    const InterruptGuard interrupt;
    ThreadPool pool(static_cast<int>(values_.threads));
    const std::unique_ptr<TrainingRun> run = resume_.empty() ? begin(pool) : resume(pool);
    const RunConfig& config = run->trainer().config();
    TrainingProgress progress(run->trainer().own_attention().name(), plan_of(config),
                              {quiet_, json_, values_.log_every, values_.log_seconds},
                              run->trainer().steps_done());
    Watch watch(progress, interrupt);
    const RunOutcome outcome = train(*run, watch);
    progress.clear();
    print(json_ ? json_result(*run, outcome, watch.last()) : text_result(*run, outcome));
    return outcome.status == RunStatus::finished ? 0 : 128 + interrupt.signal();
  }

 private:
  std::unique_ptr<TrainingRun> begin(ThreadPool& pool) const {
    const RunConfig config = run_flags_.resolve();
    const std::string name = attention_of(config.model, 0).name();
    return TrainingRun::begin(
        directory_.empty() ? fmt::format("runs/{}-seed{}", name, config.train.seed) : directory_,
        config, force_, pool, machine_clock());
  }

  std::unique_ptr<TrainingRun> resume(ThreadPool& pool) const {
    std::string other = run_flags_.first_given();
    if (other.empty() && !directory_.empty()) other = "--run";
    if (other.empty() && force_) other = "--force";
    if (!other.empty()) {
      fail("--resume",
           "expected no {} beside it, for a run keeps its settings; try without, or "
           "--config {}/config.json with another --run",
           other, resume_);
    }
    return TrainingRun::resume(resume_, pool, machine_clock());
  }

  static RunOutcome train(TrainingRun& run, Watch& watch) {
    try {
      return run.train(watch);
    } catch (const Divergence& divergence) {
      throw Error(fmt::format("{}; --resume {} replays the step", divergence.what(),
                              run.files().root.string()));
    }
  }

  static std::string text_result(const TrainingRun& run, const RunOutcome& outcome) {
    const RunConfig& config = run.trainer().config();
    std::string text;
    if (outcome.validation) {
      text = fmt::format("{} validation sequences: {}{}\n", config.task.validation_rows,
                         loss_text(*outcome.validation),
                         outcome.target_reached ? " (target reached)" : "");
    }
    const bool finished = outcome.status == RunStatus::finished;
    text += fmt::format("saved {} after {} of {} steps ({}{})\n", outcome.saved.string(),
                        run.trainer().steps_done(), config.train.steps,
                        duration_text(run.seconds()), finished ? "" : ", interrupted");
    if (finished) return text;
    return text + fmt::format("to go on: reformer train --resume {}\n", run.files().root.string());
  }

  static std::string json_result(const TrainingRun& run, const RunOutcome& outcome,
                                 const StepReport& last) {
    const RunConfig& config = run.trainer().config();
    const AttentionChoice attention = run.trainer().own_attention();
    nlohmann::ordered_json result = {{"run", run.files().root.string()},
                                     {"model", outcome.saved.string()},
                                     {"trained", attention.name()},
                                     {"semantics", config.model.semantics},
                                     {"seed", config.train.seed},
                                     {"steps", run.trainer().steps_done()},
                                     {"interrupted", outcome.status != RunStatus::finished},
                                     {"target_reached", outcome.target_reached}};
    result.update(provenance_json());
    result["batch"] = nullptr;
    result["validation"] = nullptr;
    if (last.step > 0) result["batch"] = loss_json(last.batch);
    if (outcome.validation) {
      result["validation"] = loss_json(*outcome.validation);
      result["validation"]["sequences"] = config.task.validation_rows;
      result["validation"]["rotation_seed"] = attention.rotation_seed;
    }
    return result.dump(2) + "\n";
  }

  static nlohmann::ordered_json loss_json(const BatchLoss& loss) {
    return {{"accuracy", loss.accuracy()},
            {"loss", loss.loss},
            {"scored", loss.scored},
            {"lost_pairs", loss.lost_pairs}};
  }

  RunFlags run_flags_;
  std::string directory_, resume_;
  bool force_ = false, quiet_ = false, json_ = false;
  TrainFlags values_;
  SettingFlags flags_;
};

}  // namespace

void add_train(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("train", "train a model on the duplication task");
  command->footer(kTrainExamples);
  bind_command<TrainCommand>(*command, chosen);
}

}  // namespace reformer::apps
