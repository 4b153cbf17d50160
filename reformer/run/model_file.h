// A trained model as one safetensors file: the configuration and the story of its training in the
// metadata, the parameters under their names. docs/checkpoints.md describes it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
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

// Reads a model back and checks all of it: the checksum, a complete and valid configuration, and
// every name, shape, type and value against the layout that this configuration has. Throws Error
// that names the file and up to five differences.
ModelFile load_model(const std::filesystem::path& path);

}  // namespace reformer
