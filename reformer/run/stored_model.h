// A model as it is stored, with what its file says of its training.
#pragma once

#include <filesystem>

#include "reformer/run/model_file.h"
#include "reformer/run/training_record.h"

namespace reformer {

struct StoredModel {
  std::filesystem::path path;  // of the file
  ModelFile file;
  TrainingRecord record;
};

// `path`: a model, a checkpoint or the directory of a run, as find_model() takes it. Throws Error
// that names the file.
StoredModel open_model(const std::filesystem::path& path);

}  // namespace reformer
