#include "reformer/run/convert/peer_settings.h"

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer::internal {
namespace {

const std::string kSettings = "reformer_config";
const std::string kOrigin = "reformer_training";

nlohmann::json value_of(ModelConfig& config, std::string_view name) {
  const std::vector<Setting> settings = settings_of(config);
  return std::ranges::find(settings, name, &Setting::name)->get();
}

}  // namespace

std::map<std::string, std::string> settings_metadata(const ModelFile& model) {
  ModelConfig copy = model.config;  // a visit is not const
  return {{kFormatKey, "pt"},
          {kSettings, settings_to_json(settings_of(copy)).dump()},
          {kOrigin, model.training.dump()}};
}

void read_settings(const TensorTable& table, std::string_view where, ModelConfig& config) {
  if (!table.metadata.contains(kSettings)) return;
  const std::string origin = fmt::format("{}: {}", where, kSettings);
  settings_from_json(settings_of(config), parse_json(table.metadata.at(kSettings), origin), origin);
}

nlohmann::json read_training(const TensorTable& table, std::string_view where) {
  if (!table.metadata.contains(kOrigin)) return nlohmann::json::object();
  return metadata_object(table.metadata, kOrigin, std::string(where));
}

void complete_settings(const CompleteConfig& complete, std::initializer_list<std::string_view> told,
                       ModelConfig& config) {
  ModelConfig before = config;
  complete(config);
  for (const std::string_view name : told) {
    const nlohmann::json was = value_of(before, name), is = value_of(config, name);
    if (was != is) fail(name, "expected {}, as the file has it, found {}", was.dump(), is.dump());
  }
}

void derive_sizes(int64_t inner, ModelConfig& config) {
  if (config.heads < 1 || inner % config.heads != 0) {
    fail("heads",
         "expected a number of heads that divides the width {}, for the tensors do not tell it; "
         "try {}",
         inner, inner % 4 == 0 ? 4 : 1);
  }
  config.head_dim = inner / config.heads;
  if (config.length == 0) {
    fail("length", "expected how many tokens a sequence has, for the tensors do not tell it");
  }
  if (config.buckets == 0 && config.chunk_length > 0) {
    if (config.length < 2 * config.chunk_length) {
      fail("chunk_length", "expected at most half of the {} tokens of a sequence, found {}; try {}",
           config.length, config.chunk_length, std::max<int64_t>(1, config.length / 2));
    }
    config.buckets = config.length / config.chunk_length;
  }
}

}  // namespace reformer::internal
