#include "reformer/run/run_output.h"

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/model_file.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

}  // namespace

fs::path find_model(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? path / kModelFileName : path;
}

RunOutput::RunOutput(const fs::path& directory, bool replace)
    : directory_(directory), model_path_(directory_.path() / kModelFileName) {
  std::error_code ignored;
  if (!replace && fs::exists(model_path_, ignored)) {
    fail(model_path_.string(),
         "expected a directory without a model, found one; try another --run, or --force to "
         "replace it");
  }
}

void RunOutput::save(const TrainingRecord& record, std::span<const float> parameters) {
  const fs::path config_path = directory_.path() / kConfigFileName;
  std::error_code ignored;
  fs::remove(config_path, ignored);
  save_model(model_path_, record.config.model, parameters, to_json(record));
  write_file_atomically(config_path, to_json(record.config).dump(2) + "\n");
}

}  // namespace reformer
