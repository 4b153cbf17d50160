#include "reformer/run/model_file.h"

#include <algorithm>
#include <string>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/model/later_settings.h"
#include "reformer/model/parameters.h"
#include "reformer/run/model_tensors.h"
#include "reformer/run/safetensors.h"

namespace reformer {
namespace {

// The configuration in `text`. All keys but kLaterModelSettings must be there: a default of today
// could differ from what the model was trained with.
ModelConfig config_from_text(const std::string& text, const std::string& where) {
  ModelConfig config;
  const std::vector<Setting> settings = settings_of(config);
  const nlohmann::json object = parse_json(text, where);
  settings_from_json(settings, object, where);
  for (const Setting& setting : settings) {
    const bool may_lack = std::ranges::count(kLaterModelSettings, setting.name) > 0;
    if (!may_lack && !object.contains(setting.name))
      fail(where, "expected a key \"{}\"", setting.name);
  }
  try {
    validate(config);
  } catch (const Error& error) {
    fail(where, "{}", error.what());  // with the name of the file before it
  }
  return config;
}

}  // namespace

namespace internal {

// Unknown keys are refused, for a newer program may give them a meaning that we would miss, and so
// that damage to the checksum's own key is noticed.
void check_metadata(const std::map<std::string, std::string>& metadata, std::string_view where) {
  if (!metadata.contains(kVersionKey) || !metadata.contains(kConfigKey)) {
    fail(where,
         "expected a model of this program (metadata \"{}\" and \"{}\"), found a safetensors file "
         "of another origin; try a file that `reformer train` wrote",
         kVersionKey, kConfigKey);
  }
  if (metadata.at(kVersionKey) != kModelFormat) {
    fail(where, "expected model format {}, found {}; try the version of reformer that wrote it",
         kModelFormat, quote_text(metadata.at(kVersionKey)));
  }
  const std::vector<std::string> known = {kFormatKey,   kVersionKey,    kConfigKey,
                                          kTrainingKey, kCheckpointKey, std::string(kChecksumKey)};
  for (const auto& [key, value] : metadata) {
    if (std::ranges::find(known, key) != known.end()) continue;
    fail(where, "unknown metadata key {}{}", quote_text(key),
         did_you_mean(key.substr(0, 64), known));
  }
}

std::map<std::string, std::string> model_metadata(const ModelConfig& config,
                                                  const nlohmann::json& training) {
  REFORMER_CHECK(training.is_object());
  ModelConfig copy = config;  // a visit is not const
  return {{kFormatKey, "pt"},
          {kVersionKey, std::string(kModelFormat)},
          {kConfigKey, settings_to_json(settings_of(copy)).dump()},
          {kTrainingKey, training.dump()}};
}

nlohmann::json metadata_object(const std::map<std::string, std::string>& metadata,
                               const std::string& key, const std::string& where) {
  const nlohmann::json object = parse_json(metadata.at(key), where + ": " + key);
  if (!object.is_object()) {
    fail(where + ": " + key, "expected an object, found {}", describe(object));
  }
  return object;
}

}  // namespace internal

void save_model(const std::filesystem::path& path, const ModelConfig& config,
                std::span<const float> parameters, const nlohmann::json& training) {
  TensorTable table;
  table.metadata = internal::model_metadata(config, training);
  table.tensors = internal::tensors_of(parameter_layout(config), parameters, path.string());
  write_file_atomically(path, encode_safetensors(table));
}

ModelFile load_model(const std::filesystem::path& path) {
  const std::string where = path.string();
  const std::string bytes = read_file(path);
  TensorTable table = parse_safetensors(bytes, where);
  internal::check_metadata(table.metadata, where);
  if (table.metadata.contains(internal::kCheckpointKey)) {
    std::erase_if(table.tensors, [](const TensorView& tensor) {
      return tensor.name.starts_with(internal::kOptimizerPrefix);
    });
  }

  ModelFile file;
  file.config = config_from_text(table.metadata.at(internal::kConfigKey),
                                 where + ": " + internal::kConfigKey);
  file.training = nlohmann::json::object();
  if (table.metadata.contains(internal::kTrainingKey)) {
    file.training = internal::metadata_object(table.metadata, internal::kTrainingKey, where);
  }
  file.parameters = internal::parameters_of(parameter_layout(file.config), table.tensors, where);
  return file;
}

}  // namespace reformer
