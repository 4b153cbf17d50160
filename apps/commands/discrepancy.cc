// reformer experiment discrepancy: why two published tables differ.
#include <fmt/format.h>

#include <limits>
#include <optional>

#include "apps/commands/commands.h"
#include "apps/output.h"
#include "apps/setting_flags.h"
#include "apps/study_progress.h"
#include "apps/threads_flag.h"
#include "reformer/base/error.h"
#include "reformer/experiment/discrepancy_report.h"
#include "reformer/experiment/model_source.h"
#include "reformer/run/output_directory.h"

namespace reformer::apps {
namespace {

struct DiscrepancyFlags : ThreadsFlag {
  int64_t seed = 1;
  int64_t seeds = 1;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("seed", seed, at_least(0), "first training seed");
    v("seeds", seeds, between(1, 1000), "number of training seeds, for the spread");
    ThreadsFlag::visit(v);
  }
};

constexpr const char* kDiscrepancyExamples = R"(Examples:
  reformer experiment discrepancy --seeds 3 --out out     half an hour on two cores
  reformer experiment discrepancy --models out            the same models, evaluated again
  reformer experiment discrepancy --size smoke            seconds: does it run at all)";

class DiscrepancyCommand {
 public:
  explicit DiscrepancyCommand(CLI::App& command) {
    command.add_option("--size", size_, "smoke (seconds), laptop or full (an hour) [laptop]")
        ->type_name(internal::join_choices(discrepancy_sizes()));
    command.add_option("--models", models_, "take the models from here instead of training them")
        ->type_name("DIR");
    command.add_option("--out", out_, "directory for discrepancy.md, .json and the models")
        ->type_name("DIR");
    flags_.add(command, settings_of(values_), "Options");
    command.add_flag("--quiet", quiet_, "show no progress");
    command.add_flag("--json", json_, "print the result as JSON");
  }

  int run() {
    flags_.write_given(settings_of(values_));
    // A wrong size is found before anything is created.
    discrepancy_config(size_, discrepancy_models().front(), values_.seed);
    if (values_.seed > std::numeric_limits<int64_t>::max() - values_.seeds) {
      fail("--seed", "expected room for {} seeds below 2^63, found {}; try a smaller one",
           values_.seeds, values_.seed);
    }
    std::optional<DirectorySource> given;
    if (!models_.empty()) given.emplace(models_);
    std::optional<OutputDirectory> directory;
    if (!out_.empty()) directory.emplace(out_);

    ThreadPool pool(static_cast<int>(values_.threads));
    StudyProgress progress(quiet_);
    TrainingSource training(directory ? std::optional(directory->path()) : std::nullopt, pool,
                            progress);
    ModelSource& source = given ? static_cast<ModelSource&>(*given) : training;
    const Discrepancy study =
        run_discrepancy(size_, values_.seed, values_.seeds, source, pool, progress);
    if (directory) write_discrepancy(study, directory->path());
    print(json_ ? discrepancy_json(study).dump(2) + "\n" : discrepancy_text(study));
    return 0;
  }

 private:
  std::string size_ = "laptop", models_, out_;
  bool quiet_ = false, json_ = false;
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
