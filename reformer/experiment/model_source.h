// The places that a study's models come from: training, runs, or a directory.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "reformer/base/threads.h"
#include "reformer/experiment/discrepancy.h"

namespace reformer {

// Where model `name` of a training seed lies: DIR/seed-1/consistent-full.safetensors.
std::filesystem::path study_model_path(const std::filesystem::path& directory,
                                       std::string_view name, int64_t seed);

// Trains each model, and keeps nothing.
class TrainingSource final : public ModelSource {
 public:
  TrainingSource(ThreadPool& pool, StudyObserver& observer) : pool_(pool), observer_(observer) {}

  std::optional<TrainedModel> model(std::string_view name, const RunConfig& config) override;

 private:
  ThreadPool& pool_;
  StudyObserver& observer_;
};

// Takes each model from its run under a directory of the study, see discrepancy_members(), and
// writes it to where DirectorySource finds it. Throws Error when a run is not finished or damaged.
class RunSource final : public ModelSource {
 public:
  explicit RunSource(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::optional<TrainedModel> model(std::string_view name, const RunConfig& config) override;

 private:
  std::filesystem::path directory_;
};

// Takes each model from its file in the directory, or from the directory DIR/seed-1/consistent-full
// that `reformer train --run` left. How it was trained is its own affair, but attention, meaning,
// length, layer norm, data and seed have to be those of the study; else Error.
class DirectorySource final : public ModelSource {
 public:
  explicit DirectorySource(std::filesystem::path directory);

  std::optional<TrainedModel> model(std::string_view name, const RunConfig& config) override;

 private:
  std::filesystem::path directory_;
};

}  // namespace reformer
