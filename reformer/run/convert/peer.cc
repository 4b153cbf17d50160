#include "reformer/run/convert/peer.h"

#include <algorithm>
#include <string>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/run/convert/peers.h"

namespace reformer {
namespace {

constexpr std::string_view kOwnMark = "reformer";  // in the metadata of our own files

void check_origin(const TensorTable& table, std::string_view where) {
  if (!table.metadata.contains(std::string(kOwnMark))) return;
  fail(where, "expected a file of another program, found one of this program; try --to");
}

[[noreturn]] void load_huggingface(const std::filesystem::path& path) {
  const bool is_directory = std::filesystem::is_directory(path);
  const std::filesystem::path directory = is_directory ? path : path.parent_path();
  const std::filesystem::path settings = directory / "config.json";
  const std::filesystem::path weights = is_directory ? path / "model.safetensors" : path;
  const nlohmann::json config = parse_json(read_file(settings), settings.string());
  const std::string bytes = read_file(weights);
  const TensorTable table = parse_safetensors(bytes, weights.string());
  check_origin(table, weights.string());
  internal::refuse_huggingface(table, config, path.string());
}

}  // namespace

Peer peer_named(std::string_view name, std::string_view where) {
  std::vector<std::string> names;
  for (const auto& [peer, label] : EnumNames<Peer>::names) names.emplace_back(label);
  return EnumNames<Peer>::names[internal::choice_from_json(std::string(name), names, where)].first;
}

std::vector<Setting> untold_settings(ModelConfig& config) {
  constexpr std::string_view kUntold[] = {"heads",        "attention", "hash_rounds", "buckets",
                                          "chunk_length", "causal",    "semantics"};
  std::vector<Setting> settings = settings_of(config);
  std::erase_if(settings, [&](const Setting& setting) {
    return std::ranges::find(kUntold, setting.name) == std::end(kUntold);
  });
  return settings;
}

ModelFile model_from_peer(Peer peer, const TensorTable& table, std::string_view where,
                          const CompleteConfig& complete) {
  check_origin(table, where);
  switch (peer) {
    case Peer::reformer_fastai:
      return internal::model_from_reformer_fastai(table, where, complete);
    case Peer::reformer_pytorch:
      internal::refuse_reformer_pytorch(table, where);
    case Peer::huggingface:
      internal::refuse_huggingface(table, {{"model_type", "reformer"}}, where);
  }
  REFORMER_CHECK(false);
}

ModelFile load_peer_model(Peer peer, const std::filesystem::path& path,
                          const CompleteConfig& complete) {
  if (peer == Peer::huggingface) load_huggingface(path);
  const std::string bytes = read_file(path);
  return model_from_peer(peer, parse_safetensors(bytes, path.string()), path.string(), complete);
}

TensorTable peer_table(Peer peer, const ModelFile& model, std::string_view where) {
  if (peer == Peer::reformer_fastai) return internal::reformer_fastai_table(model, where);
  fail(where,
       "expected a program that can express our models, found {}: its layers have two residual "
       "streams, ours one; try reformer-fastai",
       enum_name(peer));
}

}  // namespace reformer
