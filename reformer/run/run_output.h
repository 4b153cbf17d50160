// Where a training leaves its model.
#pragma once

#include <filesystem>
#include <span>

#include "reformer/run/output_directory.h"
#include "reformer/run/training_record.h"

namespace reformer {

inline constexpr const char* kModelFileName = "model.safetensors";
inline constexpr const char* kConfigFileName = "config.json";

// The model file that `path` means: itself, or the one in that directory.
std::filesystem::path find_model(const std::filesystem::path& path);

// A directory for one model and its configuration, known to be writable before the training.
class RunOutput {
 public:
  // As OutputDirectory; throws Error as well when there is a model that must not be replaced.
  RunOutput(const std::filesystem::path& directory, bool replace);

  // Writes model.safetensors and, for people, its configuration to config.json. At no time does a
  // config.json stand beside a model of another configuration.
  void save(const TrainingRecord& record, std::span<const float> parameters);

  const std::filesystem::path& model_path() const { return model_path_; }

 private:
  OutputDirectory directory_;
  std::filesystem::path model_path_;
};

}  // namespace reformer
