// A trained model as one safetensors file: the configuration and the story of its training in the
// metadata, the parameters under their names. docs/checkpoints.md describes it. A checkpoint is
// such a file with the state of training beside the parameters: checkpoint.h.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/model/config.h"

namespace reformer {

// Raised whenever files of before could be misread.
inline constexpr std::string_view kModelFormat = "1";

struct ModelFile {
  ModelConfig config;
  std::vector<float> parameters;  // in the order of parameter_layout(config)
  nlohmann::json training;        // what was given to save_model
};

// Writes a model in one step: a crash leaves the old file or the new one. `training` is an object
// that says where the model comes from (steps, seed, recipe); it is kept, not interpreted.
// `parameters` are in the order of parameter_layout(config). Nothing of the clock or the machine is
// added: equal models give equal files. Throws Error when a parameter is not finite, or the file
// cannot be written.
void save_model(const std::filesystem::path& path, const ModelConfig& config,
                std::span<const float> parameters, const nlohmann::json& training);

// Reads a model back, from a checkpoint as well, and checks all of it: the checksum, a complete and
// valid configuration, and every name, shape, type and value against the layout that this
// configuration has. Throws Error that names the file and up to five differences.
ModelFile load_model(const std::filesystem::path& path);

namespace internal {

// Keys of the metadata. "format" is what transformers asks of every file that it opens.
inline const std::string kFormatKey = "format";
inline const std::string kVersionKey = "reformer";
inline const std::string kConfigKey = "config";
inline const std::string kTrainingKey = "training";
inline const std::string kCheckpointKey = "checkpoint";  // only there in checkpoints

// Names of tensors that belong to the optimiser begin so.
inline constexpr std::string_view kOptimizerPrefix = "optimizer.";

// The metadata of a model file. `training` must be an object.
std::map<std::string, std::string> model_metadata(const ModelConfig& config,
                                                  const nlohmann::json& training);

// Throws Error unless the metadata are those of a model or checkpoint of this version.
void check_metadata(const std::map<std::string, std::string>& metadata, std::string_view where);

// The part under `key`, which must be a JSON object.
nlohmann::json metadata_object(const std::map<std::string, std::string>& metadata,
                               const std::string& key, const std::string& where);

}  // namespace internal
}  // namespace reformer
