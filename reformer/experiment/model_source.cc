#include "reformer/experiment/model_source.h"

#include <utility>

#include "reformer/base/error.h"
#include "reformer/experiment/study_runs.h"
#include "reformer/run/run_files.h"
#include "reformer/run/stored_model.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

// What makes a model the one that the study means.
std::string identity(const RunConfig& config) {
  return fmt::format("{} attention, {} semantics, length {}, norm {}, {}, seed {}",
                     attention_of(config.model, 0).name(), config.model.semantics,
                     config.model.length, enum_name(config.model.norm),
                     enum_name(config.task.source), config.train.seed);
}

}  // namespace

fs::path study_model_path(const fs::path& directory, std::string_view name, int64_t seed) {
  return directory / study_seed_name(seed) / fmt::format("{}.safetensors", name);
}

std::optional<TrainedModel> TrainingSource::model(std::string_view name, const RunConfig& config) {
  return train_model(name, config, pool_, observer_);
}

std::optional<TrainedModel> RunSource::model(std::string_view name, const RunConfig& config) {
  const int64_t seed = config.train.seed;
  TrainedModel model = read_trained(directory_ / study_run_name(name, seed));
  save_trained(study_model_path(directory_, name, seed), model);
  return model;
}

DirectorySource::DirectorySource(fs::path directory) : directory_(std::move(directory)) {
  std::error_code ignored;
  if (!fs::is_directory(directory_, ignored)) {
    fail(directory_.string(), "expected a directory of models, found none; try the one that {}",
         "`reformer experiment discrepancy --out` wrote");
  }
}

std::optional<TrainedModel> DirectorySource::model(std::string_view name, const RunConfig& config) {
  fs::path path = study_model_path(directory_, name, config.train.seed);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) path = find_model(path.parent_path() / name);
  if (!fs::exists(path, ignored)) return std::nullopt;
  StoredModel stored = open_model(path);
  TrainedModel model;
  model.config = std::move(stored.record.config);
  model.trained = attention_of(stored.file.config, 0).name();
  if (identity(model.config) != identity(config)) {
    fail(path.string(), "expected {}, found {}; try another --models, --size or --seed",
         identity(config), identity(model.config));
  }
  model.parameters = std::move(stored.file.parameters);
  return model;
}

}  // namespace reformer
