#include "reformer/run/convert/huggingface_config.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer::internal {
namespace {

constexpr int64_t kMost = 1 << 24;  // so that products of two are integers
constexpr size_t kMostEntries = 1024;

void read_list(const nlohmann::json& object, const std::string& key, const std::string& where,
               std::vector<int64_t>& out) {
  if (!object.contains(key) || object[key].is_null()) return;
  const nlohmann::json list =
      object[key].is_array() ? object[key] : nlohmann::json::array({object[key]});
  const auto fits = [](const nlohmann::json& x) {
    return x.is_number_integer() && x >= 1 && x <= kMost;
  };
  if (list.empty() || list.size() > kMostEntries || !std::ranges::all_of(list, fits)) {
    fail(where + ": " + key, "expected integers from 1 to {}, found {}", kMost,
         describe(object[key]));
  }
  out = list.get<std::vector<int64_t>>();
}

void read_layers(const nlohmann::json& object, const std::string& where,
                 std::vector<std::string>& out) {
  constexpr std::string_view kKey = "attn_layers";
  if (!object.contains(kKey)) return;
  const nlohmann::json& list = object[std::string(kKey)];
  const auto fits = [](const nlohmann::json& x) { return x == "lsh" || x == "local"; };
  if (!list.is_array() || list.empty() || list.size() > kMostEntries ||
      !std::ranges::all_of(list, fits)) {
    fail(fmt::format("{}: {}", where, kKey), "expected a list of \"lsh\" and \"local\", found {}",
         describe(list));
  }
  out = list.get<std::vector<std::string>>();
}

}  // namespace

HuggingFaceConfig huggingface_config(const nlohmann::json& object, std::string_view where) {
  if (!object.is_object() || !object.contains("model_type") || object["model_type"] != "reformer") {
    fail(where, "expected a config.json with model_type reformer; try the name of another program");
  }
  HuggingFaceConfig config;
  const std::string origin = fmt::format("{}: config.json", where);
  for (const Setting& setting : settings_of(config)) {
    if (!object.contains(setting.name)) continue;
    setting.set(object[setting.name], fmt::format("{}: {}", origin, setting.name));
  }
  read_layers(object, origin, config.attn_layers);
  read_list(object, "num_buckets", origin, config.num_buckets);
  read_list(object, "axial_pos_shape", origin, config.axial_pos_shape);
  read_list(object, "axial_pos_embds_dim", origin, config.axial_pos_embds_dim);
  return config;
}

nlohmann::json to_json(const HuggingFaceConfig& config) {
  HuggingFaceConfig copy = config;  // a visit is not const
  nlohmann::json object = settings_to_json(settings_of(copy));
  object["model_type"] = "reformer";
  object["architectures"] = {config.is_decoder ? "ReformerModelWithLMHead" : "ReformerForMaskedLM"};
  object["attn_layers"] = config.attn_layers;
  object["axial_pos_shape"] = config.axial_pos_shape;
  object["axial_pos_embds_dim"] = config.axial_pos_embds_dim;
  object["num_buckets"] = config.num_buckets;
  if (config.num_buckets.size() == 1) object["num_buckets"] = config.num_buckets.front();
  object["torch_dtype"] = "float32";
  return object;
}

std::vector<int64_t> default_buckets(const HuggingFaceConfig& config, int64_t length) {
  const int64_t chunk = config.lsh_attn_chunk_length;
  const auto chunks = static_cast<uint64_t>(std::max<int64_t>(1, length / chunk));
  const int power = static_cast<int>(std::bit_width(2 * chunks)) - 1;
  const int64_t most_chunks = config.max_position_embeddings / chunk;
  const auto root = static_cast<int64_t>(std::sqrt(static_cast<double>(most_chunks)));
  if ((int64_t{1} << power) <= 2 * std::max(root, chunk)) return {int64_t{1} << power};
  return {int64_t{1} << power / 2, int64_t{1} << (power - power / 2)};
}

}  // namespace reformer::internal
