#include "reformer/bench/study_time.h"

#include <fmt/format.h>

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/bench/counts.h"
#include "reformer/experiment/provenance.h"
#include "reformer/run/run_files.h"
#include "reformer/run/run_reader.h"

namespace reformer {
namespace {

nlohmann::ordered_json work_json(std::string_view what, const TimedWork& work, double peak) {
  return {{std::string(what), work.count},
          {"seconds", work.seconds},
          {"threads", work.threads},
          {"gflop", work.operations / 1e9},
          {"fraction_of_peak", work.fraction_of_peak(peak)}};
}

}  // namespace

TimedWork training_work(std::span<const SweepMember> members,
                        const std::filesystem::path& directory, int threads) {
  TimedWork all;
  all.threads = threads;
  for (const SweepMember& member : members) {
    const RunConfig& config = member.config;
    const DuplicationTask task = task_of(config);
    ++all.count;
    all.operations += static_cast<double>(config.train.steps * config.train.batch) *
                      training_operations(config.model, attention_of(config.model, 0),
                                          task.scored_end() - task.scored_begin());
    all.seconds += RunReader(RunFiles{directory / member.name}.database()).state().seconds;
  }
  return all;
}

TimedWork evaluation_work(const Table2& table, double seconds, int threads) {
  TimedWork all;
  all.seconds = seconds;
  all.threads = threads;
  for (const Cell& cell : table.made) {
    const auto model = std::ranges::find(table.models, cell.trained, &TrainedModel::trained);
    REFORMER_CHECK(model != table.models.end());
    ModelConfig config = model->config.model;
    train_under(config, cell.evaluated);
    ++all.count;
    all.operations +=
        static_cast<double>(cell.sequences) *
        forward_operations(config, attention_of(config, 0), cell.loss.scored / cell.sequences);
  }
  return all;
}

nlohmann::ordered_json study_time_json(const StudyTime& time) {
  nlohmann::ordered_json object = provenance_json();
  object["wall_seconds"] = time.wall_seconds;
  object["resumed"] = time.resumed;
  object["peak_gflops"] = time.peak / 1e9;
  object["training"] = work_json("models", time.training, time.peak);
  object["evaluation"] = work_json("evaluations", time.evaluation, time.peak);
  return object;
}

std::string study_time_text(const StudyTime& time) {
  const auto part = [&](std::string_view what, const TimedWork& work) {
    return fmt::format("{} {} in {:.0f} s by {} {} at {:.1f} % of peak", work.count, what,
                       work.seconds, work.threads, work.threads == 1 ? "thread" : "threads",
                       100 * work.fraction_of_peak(time.peak));
  };
  return fmt::format("{}{:.0f} s: {}; {}; peak {:.1f} GFLOP/s a thread\n",
                     time.resumed ? "resumed, " : "", time.wall_seconds,
                     part("models trained", time.training), part("evaluations", time.evaluation),
                     time.peak / 1e9);
}

}  // namespace reformer
