// reformer experiment discrepancy: why two published tables differ.
#include <memory>
#include <optional>

#include "apps/commands/commands.h"
#include "apps/output.h"
#include "apps/setting_flags.h"
#include "apps/study_directory.h"
#include "apps/study_progress.h"
#include "apps/sweep_flags.h"
#include "reformer/experiment/discrepancy_report.h"
#include "reformer/experiment/model_source.h"
#include "reformer/experiment/study_runs.h"

namespace reformer::apps {
namespace {

struct DiscrepancyFlags {
  int64_t seed = 1;
  int64_t seeds = 1;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("seed", seed, at_least(0), "first training seed");
    v("seeds", seeds, between(1, 1000), "number of training seeds, for the spread");
  }
};

constexpr const char* kDiscrepancyExamples = R"(Examples:
  reformer experiment discrepancy --seeds 3 --out out     half an hour on two cores
  reformer experiment discrepancy --models out            the same models, evaluated again
  reformer experiment discrepancy --size smoke            seconds: does it run at all
With --out, Ctrl-C saves each model's run, and evaluations are kept as they are made: the same
command goes on with them.)";

class DiscrepancyCommand {
 public:
  explicit DiscrepancyCommand(CLI::App& command) : sweep_flags_(command) {
    command.add_option("--size", size_, "smoke (seconds), laptop or full (an hour) [laptop]")
        ->type_name(internal::join_choices(discrepancy_sizes()));
    command.add_option("--models", models_, "take the models from here instead of training them")
        ->type_name("DIR");
    command
        .add_option("--out", out_, "directory for the runs, discrepancy.md, .json and the models")
        ->type_name("DIR");
    flags_.add(command, settings_of(values_), "Options");
  }

  int run() {
    flags_.write_given(settings_of(values_));
    sweep_flags_.read(!out_.empty() && models_.empty());
    // A wrong size is found before anything is created.
    discrepancy_config(size_, discrepancy_models().front(), values_.seed);
    require_room(values_.seed, values_.seeds);
    std::unique_ptr<ModelSource> source;
    if (!models_.empty()) source = std::make_unique<DirectorySource>(models_);
    std::optional<StudyDirectory> directory;
    if (!out_.empty()) directory.emplace(out_);
    if (directory && !source) {
      const auto members = discrepancy_members(size_, values_.seed, values_.seeds);
      if (const int signal = directory->train(members, sweep_flags_)) return 128 + signal;
      source = std::make_unique<RunSource>(directory->path());
    }

    ThreadPool pool(sweep_flags_.threads_of_one());
    StudyProgress progress(sweep_flags_.progress_options());
    if (!source) source = std::make_unique<TrainingSource>(pool, progress);
    DiscrepancyOptions options{size_, values_.seed, values_.seeds};
    if (directory) options.directory = directory->path();
    const Discrepancy study = run_discrepancy(options, *source, pool, progress);
    if (directory) write_discrepancy(study, directory->path());
    print(sweep_flags_.json() ? discrepancy_json(study).dump(2) + "\n" : discrepancy_text(study));
    return 0;
  }

 private:
  SweepFlags sweep_flags_;
  std::string size_ = "laptop", models_, out_;
  DiscrepancyFlags values_;
  SettingFlags flags_;
};

}  // namespace

void add_discrepancy(CLI::App& experiment, Action& chosen) {
  CLI::App* command = experiment.add_subcommand(
      "discrepancy", "why the published tables differ: one switch flipped at a time");
  command->footer(kDiscrepancyExamples);
  bind_command<DiscrepancyCommand>(*command, chosen);
}

}  // namespace reformer::apps
