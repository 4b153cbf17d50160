#include "reformer/run/checkpoint.h"

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/run/model_file.h"
#include "reformer/run/model_tensors.h"
#include "reformer/run/safetensors.h"
#include "reformer/run/training_record.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;
using internal::kCheckpointKey;

constexpr const char* kUpdates = "updates";
constexpr const char* kLeftOut = "left_out_in_a_row";

// Names and shapes of a state, as if it were the parameters of a model.
ParameterLayout layout_of(const std::vector<StateTensor>& state) {
  std::vector<ParameterInfo> tensors;
  for (const StateTensor& tensor : state) tensors.push_back({tensor.name, tensor.shape});
  return ParameterLayout(std::move(tensors));
}

// How often a run is saved and evaluated does not decide what a step does, but it is part of the
// run, and so compared too.
void check_settings_match(const nlohmann::json& training, const RunConfig& config,
                          std::string_view where) {
  const std::string differing = differing_settings(training, to_json(config));
  if (differing.empty()) return;
  fail(where, "expected a checkpoint of this run, found other settings: {}", differing);
}

int64_t count_in(const nlohmann::json& object, const char* key, std::string_view where) {
  const std::string place = fmt::format("{}: {}", where, key);
  if (!object.contains(key)) fail(place, "expected a count, found none");
  return internal::integer_from_json(object.at(key), at_least(0), place);
}

// Counts that no training has are refused here: later they would be a broken invariant.
TrainerProgress progress_in(const nlohmann::json& training, const nlohmann::json& checkpoint,
                            const std::string& where) {
  TrainerProgress progress;
  progress.steps = count_in(training, "steps_done", where);
  progress.updates = count_in(checkpoint, kUpdates, where);
  progress.left_out_in_a_row = count_in(checkpoint, kLeftOut, where);
  if (progress.updates > progress.steps ||
      progress.left_out_in_a_row > progress.steps - progress.updates) {
    fail(where, "expected no more updates and steps left out than the {} steps, found {} and {}",
         progress.steps, progress.updates, progress.left_out_in_a_row);
  }
  return progress;
}

}  // namespace

void save_checkpoint(const fs::path& path, Trainer& trainer) {
  const TrainerProgress progress = trainer.progress();
  const TrainingRecord record{trainer.config(), progress.steps,
                              trainer.own_attention().rotation_seed};
  TensorTable table;
  table.metadata = internal::model_metadata(trainer.config().model, to_json(record));
  table.metadata[kCheckpointKey] =
      nlohmann::json{{kUpdates, progress.updates}, {kLeftOut, progress.left_out_in_a_row}}.dump();
  table.tensors = internal::tensors_of(trainer.state(), path.string());
  write_file_atomically(path, encode_safetensors(table));
}

void restore_checkpoint(const fs::path& path, Trainer& trainer) {
  const std::string where = path.string();
  const std::string bytes = read_file(path);
  const TensorTable table = parse_safetensors(bytes, where);
  internal::check_metadata(table.metadata, where);
  for (const std::string& key : {internal::kTrainingKey, kCheckpointKey}) {
    if (table.metadata.contains(key)) continue;
    fail(where,
         "expected a checkpoint, found a model without the state of its training; try a "
         "file of the folder `checkpoints`");
  }
  const nlohmann::json training =
      internal::metadata_object(table.metadata, internal::kTrainingKey, where);
  check_settings_match(training, trainer.config(), where);
  const TrainerProgress progress = progress_in(
      training, internal::metadata_object(table.metadata, kCheckpointKey, where), where);

  const std::vector<StateTensor> state = trainer.state();
  const ParameterLayout layout = layout_of(state);
  const std::vector<float> values = internal::parameters_of(layout, table.tensors, where);
  for (size_t i = 0; i < state.size(); ++i) {
    const ParameterInfo& info = layout.all()[i];
    std::copy_n(values.begin() + info.offset, info.size, state[i].values.begin());
  }
  trainer.restore(progress);
}

}  // namespace reformer
