// The two places that a study's models come from: training, or a directory.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "reformer/base/threads.h"
#include "reformer/experiment/discrepancy.h"

namespace reformer {

// Where model `name` of a training seed lies: DIR/seed-1/consistent-full.safetensors.
std::filesystem::path study_model_path(const std::filesystem::path& directory,
                                       std::string_view name, int64_t seed);

// Trains each model and, where a directory is given, keeps it there.
class TrainingSource final : public ModelSource {
 public:
  TrainingSource(std::optional<std::filesystem::path> directory, ThreadPool& pool,
                 StudyObserver& observer);

  std::optional<TrainedModel> model(std::string_view name, const RunConfig& config) override;

 private:
  std::optional<std::filesystem::path> directory_;
  ThreadPool& pool_;
  StudyObserver& observer_;
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
