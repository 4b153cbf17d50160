#include "reformer/experiment/study_runs.h"

#include <cmath>

#include "reformer/base/error.h"
#include "reformer/base/version.h"
#include "reformer/experiment/discrepancy_plan.h"
#include "reformer/experiment/published.h"
#include "reformer/run/model_file.h"
#include "reformer/run/run_files.h"
#include "reformer/run/run_reader.h"

namespace reformer {

std::string study_seed_name(int64_t seed) { return fmt::format("seed-{}", seed); }

std::string study_run_name(std::string_view model, int64_t seed) {
  return fmt::format("{}/runs/{}", study_seed_name(seed), model);
}

std::vector<SweepMember> table2_members(std::string_view size, int64_t first_seed, int64_t seeds) {
  std::vector<SweepMember> members;
  for (int64_t i = 0; i < seeds; ++i) {
    const int64_t seed = first_seed + i;
    for (const std::string_view trained : kTrainedWith) {
      SweepMember member;
      member.point = trained;
      member.name = seeds == 1 ? fmt::format("runs/{}", trained) : study_run_name(trained, seed);
      member.config = table2_config(size, trained, seed);
      members.push_back(std::move(member));
    }
  }
  return members;
}

std::vector<SweepMember> discrepancy_members(std::string_view size, int64_t first_seed,
                                             int64_t seeds) {
  std::vector<SweepMember> members;
  for (int64_t i = 0; i < seeds; ++i) {
    const int64_t seed = first_seed + i;
    for (const std::string& name : discrepancy_models()) {
      members.push_back({.name = study_run_name(name, seed),
                         .point = name,
                         .config = discrepancy_config(size, name, seed)});
    }
  }
  return members;
}

void require_same_program(std::span<const SweepMember> members,
                          const std::filesystem::path& directory) {
  for (const SweepMember& member : members) {
    const RunFiles files{directory / member.name};
    if (std::error_code ignored; !std::filesystem::exists(files.database(), ignored)) continue;
    for (const Session& session : RunReader(files.database()).sessions()) {
      if (session.version == version() && session.commit == commit()) continue;
      fail(files.root.string(),
           "expected a run of this program, commit {}, found one of commit {}; try another --out, "
           "or `reformer runs delete` it",
           commit(), session.commit);
    }
  }
}

TrainedModel read_trained(const std::filesystem::path& run) {
  const RunFiles files{run};
  RunReader reader(files.database());
  const std::optional<StepMetrics> last = reader.last_metrics();
  if (reader.state().status != RunStatus::finished || !last) {
    fail(run.string(), "expected a finished run, found one that is not; try to train it again");
  }
  ModelFile file = load_model(files.model());
  TrainedModel model;
  model.config = read_run_config(files);
  model.trained = attention_of(model.config.model, 0).name();
  model.last_batch.loss = last->loss;
  model.last_batch.lost_pairs = last->lost_pairs;
  model.parameters = std::move(file.parameters);
  return model;
}

}  // namespace reformer
