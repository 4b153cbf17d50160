// transformers' Reformer (version 4.35.2). Its blocks always have two residual streams, which lie
// side by side in the last layer norm [2 C] and the output projection [V, 2 C]. So no configuration
// is covered; the message says what else is in the way.
#include <algorithm>

#include "reformer/run/convert/lacks.h"
#include "reformer/run/convert/peers.h"

namespace reformer::internal {
namespace {

constexpr FeatureMark kLacking[] = {
    {"encoder.layer_norm.weight", "two residual streams, side by side at the end (ours have one)"},
    {"classifier.", "a head that classifies"},
    {"qa_outputs.", "a head that answers questions"},
};

// A key of config.json, the value that we could follow, and what another value is.
struct Wanted {
  const char* key;
  nlohmann::json value;
  std::string_view feature;
};

const std::vector<Wanted>& wanted() {
  static const std::vector<Wanted> kWanted = {
      {"lsh_num_chunks_before", 1, "chunks that a query sees before its own"},
      {"lsh_num_chunks_after", 0, "chunks that a query sees after its own"},
      {"tie_word_embeddings", false, "an output tied to the token embedding"},
  };
  return kWanted;
}

void add_settings(Lacks& lacks, const nlohmann::json& config) {
  for (const Wanted& setting : wanted()) {
    if (config.contains(setting.key) && config[setting.key] != setting.value) {
      lacks.add("{} ({} {}, not {})", setting.feature, setting.key, describe(config[setting.key]),
                setting.value.dump());
    }
  }
  if (config.contains("attn_layers") && config["attn_layers"].is_array()) {
    const auto& layers = config["attn_layers"];
    const auto local = std::ranges::count(layers, nlohmann::json("local"));
    if (local > 0) lacks.add("layers with local attention ({} in attn_layers)", local);
  }
  if (config.contains("hidden_act") && config["hidden_act"] != "relu" &&
      config["hidden_act"] != "gelu") {
    lacks.add("another activation than relu and gelu (hidden_act {})",
              describe(config["hidden_act"]));
  }
  if (config.contains("num_buckets") && config["num_buckets"].is_array() &&
      config["num_buckets"].size() > 2) {
    lacks.add("a hash of {} factors (num_buckets)", config["num_buckets"].size());
  }
}

}  // namespace

void refuse_huggingface(const TensorTable& table, const nlohmann::json& config,
                        std::string_view where) {
  if (!config.is_object() || !config.contains("model_type") || config["model_type"] != "reformer") {
    fail(where, "expected a config.json with model_type reformer; try another --from");
  }
  Lacks lacks;
  add_marked(lacks, table.tensors, kLacking);
  add_settings(lacks, config);
  lacks.fail_if_any(where, "a model that ours can express");
  fail(where, "expected the parameters of ReformerModelWithLMHead, found no encoder.layer_norm.*");
}

}  // namespace reformer::internal
