#include "apps/commands/experiment_sweeps.h"

#include <utility>

#include "apps/run_flags.h"
#include "apps/sweep_flags.h"

namespace reformer::apps {
namespace {

constexpr const char* kExperimentSweepsExamples = R"(Examples:
  reformer experiment seeds --seeds 5                  the same run but for its seed
  reformer experiment lr --attention lsh --hashes 2    learning rates 1e-3 and 1e-4, the same seed
  reformer experiment lr --preset seed --jobs 2        at the size of the seed report: days)";

// The seed report's "training dynamics": one run again and again, with one thing changed.
class SweepStudy {
 public:
  SweepStudy(CLI::App& command, std::string directory, std::vector<SweepAxis> axes, int64_t seeds)
      : run_flags_(command),
        sweep_flags_(command),
        directory_(std::move(directory)),
        axes_(std::move(axes)),
        seeds_(seeds) {
    const std::string group = "Sweep";
    command.add_option("--run", directory_, "directory of the sweep [" + directory_ + "]")
        ->type_name("DIR")
        ->group(group);
    command.add_option("--seeds", seeds_, "seeds, from --seed on [" + std::to_string(seeds) + "]")
        ->group(group);
  }

  int run() {
    for (const SweepAxis& axis : axes_) run_flags_.refuse(axis.setting, "this experiment");
    return sweep_flags_.run({run_flags_.resolve(), axes_, seeds_}, directory_);
  }

 private:
  RunFlags run_flags_;
  SweepFlags sweep_flags_;
  std::string directory_;
  std::vector<SweepAxis> axes_;
  int64_t seeds_;
};

void add_study(CLI::App& experiment, Action& chosen, const std::string& name,
               const std::string& description, std::vector<SweepAxis> axes, int64_t seeds) {
  CLI::App* command = experiment.add_subcommand(name, description);
  command->footer(kExperimentSweepsExamples);
  bind_command<SweepStudy>(*command, chosen, "runs/experiment-" + name, std::move(axes), seeds);
}

}  // namespace

void add_experiment_sweeps(CLI::App& experiment, Action& chosen) {
  add_study(experiment, chosen, "seeds", "the same run but for its seed", {}, 5);
  add_study(experiment, chosen, "lr", "learning rates 1e-3 and 1e-4, the same seed",
            {{"learning_rate", {1e-3, 1e-4}}}, 1);
}

}  // namespace reformer::apps
