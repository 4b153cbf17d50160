// reformer train: trains one model and saves it.
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
#include "reformer/run/run_output.h"
#include "reformer/train/trainer.h"

namespace reformer::apps {
namespace {

struct TrainFlags : ThreadsFlag {
  int64_t log_every = 0;

  template <class Visitor>
  void visit(Visitor&& v) {
    ThreadsFlag::visit(v);
    v("log_every", log_every, at_least(0), "steps between lines that stay; 0: about 5 seconds");
  }
};

constexpr const char* kExamples = R"(Examples:
  reformer train                                       full attention, two minutes on a laptop
  reformer train --attention lsh --hashes 4 --seed 1   LSH attention with four hash rounds
  reformer train --preset smoke --run /tmp/smoke       a second: does it run at all
  reformer train --config runs/full-seed42/config.json --learning-rate 5e-4 --run runs/slower

Values come from the preset, then the file, then the flags. `reformer config --list` shows each
setting with its default and range. Ctrl-C saves the model as it is.)";

class TrainCommand {
 public:
  explicit TrainCommand(CLI::App& command) : run_flags_(command) {
    const std::string group = "Run";
    command.add_option("--run", directory_, "directory for the model [runs/ATTENTION-seedSEED]")
        ->type_name("DIR")
        ->group(group);
    command.add_flag("--force", force_, "replace a model that is already there")->group(group);
    flags_.add(command, settings_of(values_), group);
    command.add_flag("--quiet", quiet_, "show no progress")->group(group);
    command.add_flag("--json", json_, "print the result as JSON")->group(group);
  }

  int run() {
    flags_.write_given(settings_of(values_));
    const RunConfig config = run_flags_.resolve();
    const std::string name = attention_of(config.model, 0).name();
    RunOutput output(
        directory_.empty() ? fmt::format("runs/{}-seed{}", name, config.train.seed) : directory_,
        force_);
    ThreadPool pool(static_cast<int>(values_.threads));
    Trainer trainer(config, pool);
    TrainingProgress progress(name, config.train.steps, {quiet_, values_.log_every});
    const InterruptGuard interrupt;

    train(trainer, progress, interrupt);
    output.save({config, trainer.steps_done(), trainer.own_attention().rotation_seed},
                trainer.parameters());
    progress.clear();
    print(json_ ? json_result(trainer, output, interrupt) : text_result(trainer, output, progress));
    return interrupt.signal() == 0 ? 0 : 128 + interrupt.signal();
  }

 private:
  void train(Trainer& trainer, TrainingProgress& progress, const InterruptGuard& interrupt) {
    const TrainConfig& config = trainer.config().train;
    while (!trainer.finished() && !reached_target(config) && interrupt.signal() == 0) {
      last_ = trainer.step();
      progress.step_done(last_);
      validation_.reset();
      const bool due = config.evaluate_every > 0 && last_.step % config.evaluate_every == 0;
      if ((due || trainer.finished()) && interrupt.signal() == 0) {
        validation_ = trainer.validation_loss(trainer.own_attention());
        progress.note(fmt::format("step {}/{}  validation: {}", last_.step, config.steps,
                                  loss_text(*validation_)));
      }
    }
  }

  bool reached_target(const TrainConfig& config) const {
    return config.target_accuracy > 0 && validation_ &&
           validation_->accuracy() >= config.target_accuracy;
  }

  static std::string loss_text(const BatchLoss& loss) {
    std::string text =
        fmt::format("accuracy {:.2f} %  loss {:.4f}", 100 * loss.accuracy(), loss.loss);
    if (loss.lost_pairs > 0) text += fmt::format("  lost pairs {}", loss.lost_pairs);
    return text;
  }

  std::string text_result(const Trainer& trainer, const RunOutput& output,
                          const TrainingProgress& progress) const {
    const RunConfig& config = trainer.config();
    std::string text;
    if (validation_) {
      text = fmt::format("{} validation sequences: {}{}\n", config.task.validation_rows,
                         loss_text(*validation_),
                         reached_target(config.train) ? " (target reached)" : "");
    }
    const char* how = trainer.finished() || reached_target(config.train) ? "" : ", interrupted";
    return text + fmt::format("saved {} after {} of {} steps ({}{})\n",
                              output.model_path().string(), trainer.steps_done(),
                              config.train.steps, duration_text(progress.seconds()), how);
  }

  std::string json_result(const Trainer& trainer, const RunOutput& output,
                          const InterruptGuard& interrupt) const {
    const RunConfig& config = trainer.config();
    nlohmann::ordered_json result = {{"model", output.model_path().string()},
                                     {"trained", trainer.own_attention().name()},
                                     {"semantics", config.model.semantics},
                                     {"seed", config.train.seed},
                                     {"steps", trainer.steps_done()},
                                     {"interrupted", interrupt.signal() != 0},
                                     {"target_reached", reached_target(config.train)},
                                     {"batch", loss_json(last_.batch)}};
    result["validation"] = nullptr;
    if (validation_) {
      result["validation"] = loss_json(*validation_);
      result["validation"]["sequences"] = config.task.validation_rows;
      result["validation"]["rotation_seed"] = trainer.own_attention().rotation_seed;
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
  std::string directory_;
  bool force_ = false, quiet_ = false, json_ = false;
  TrainFlags values_;
  SettingFlags flags_;

  StepReport last_;
  std::optional<BatchLoss> validation_;  // of the parameters as they are, if they were evaluated
};

}  // namespace

void add_train(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("train", "train a model on the duplication task");
  command->footer(kExamples);
  auto state = std::make_shared<TrainCommand>(*command);
  command->callback([state, &chosen] { chosen = [state] { return state->run(); }; });
}

}  // namespace reformer::apps
