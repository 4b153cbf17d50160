#include "reformer/run/convert/peer.h"

#include <algorithm>
#include <optional>
#include <string>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/run/convert/peers.h"
#include "reformer/run/output_directory.h"

namespace reformer {
namespace {

constexpr std::string_view kOwnMark = "reformer";  // in the metadata of our own files

// A .pth file is a zip archive, which no header of safetensors begins like.
void check_format(std::string_view bytes, const std::string& where) {
  if (!bytes.starts_with("PK\x03\x04")) return;
  fail(where, "expected safetensors, found a zip archive; try reformer.torch.load_model of the {}",
       "Python package, if it is one of PyTorch's .pth files");
}

void check_origin(const TensorTable& table, std::string_view where) {
  if (!table.metadata.contains(std::string(kOwnMark))) return;
  fail(where, "expected a file of another program, found one of this program");
}

// Both files or, at an error, what was there before.
void save_directory(const std::filesystem::path& path, const PeerModel& theirs) {
  const std::string weights = encode_safetensors(theirs.table);
  const OutputDirectory directory(path);
  const std::filesystem::path config = path / "config.json";
  std::optional<std::string> before;
  if (std::filesystem::exists(config)) before = read_file(config);
  write_file_atomically(config, theirs.config.dump(2) + "\n");
  try {
    write_file_atomically(path / "model.safetensors", weights);
  } catch (...) {
    if (before) {
      write_file_atomically(config, *before);
    } else {
      std::filesystem::remove(config);
    }
    throw;
  }
}

}  // namespace

Peer peer_named(std::string_view name, std::string_view where) {
  std::vector<std::string> names;
  for (const auto& [peer, label] : EnumNames<Peer>::names) names.emplace_back(label);
  return EnumNames<Peer>::names[internal::choice_from_json(std::string(name), names, where)].first;
}

std::vector<Setting> untold_settings(ModelConfig& config) {
  constexpr std::string_view kUntold[] = {"length",       "heads",   "activation",
                                          "attention",    "buckets", "hash_rounds",
                                          "chunk_length", "causal",  "semantics"};
  std::vector<Setting> settings = settings_of(config);
  std::erase_if(settings, [&](const Setting& setting) {
    return std::ranges::find(kUntold, setting.name) == std::end(kUntold);
  });
  return settings;
}

ModelFile model_from_peer(Peer peer, const PeerModel& model, std::string_view where,
                          const CompleteConfig& complete) {
  check_origin(model.table, where);
  switch (peer) {
    case Peer::reformer_fastai:
      return internal::model_from_reformer_fastai(model.table, where, complete);
    case Peer::reformer_pytorch:
      return internal::model_from_reformer_pytorch(model.table, where, complete);
    case Peer::huggingface:
      return internal::model_from_huggingface(model, where, complete);
  }
  REFORMER_CHECK(false);
}

PeerModel peer_model(Peer peer, const ModelFile& model, std::string_view where) {
  switch (peer) {
    case Peer::reformer_fastai:
      return {internal::reformer_fastai_table(model, where), nullptr};
    case Peer::reformer_pytorch:
      return {internal::reformer_pytorch_table(model, where), nullptr};
    case Peer::huggingface:
      return internal::huggingface_model(model, where);
  }
  REFORMER_CHECK(false);
}

ModelFile load_peer_model(Peer peer, const std::filesystem::path& path,
                          const CompleteConfig& complete) {
  PeerModel model;
  std::filesystem::path weights = path;
  if (peer == Peer::huggingface) {
    const bool is_directory = std::filesystem::is_directory(path);
    if (is_directory) weights = path / "model.safetensors";
    const std::filesystem::path config = weights.parent_path() / "config.json";
    model.config = parse_json(read_file(config), config.string());
  }
  const std::string bytes = read_file(weights);
  check_format(bytes, weights.string());
  model.table = parse_safetensors(bytes, weights.string());
  return model_from_peer(peer, model, path.string(), complete);
}

void save_peer_model(Peer peer, const ModelFile& model, const std::filesystem::path& path,
                     std::string_view where) {
  const PeerModel theirs = peer_model(peer, model, where);
  if (peer == Peer::huggingface) return save_directory(path, theirs);
  write_file_atomically(path, encode_safetensors(theirs.table));
}

}  // namespace reformer
