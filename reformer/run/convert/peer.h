// Models of other programs, by the names that their parameters have there. docs/checkpoints.md has
// the names, and what of those programs is covered.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "reformer/base/settings.h"
#include "reformer/run/model_file.h"
#include "reformer/run/safetensors.h"

namespace reformer {

// The programs: reformer_fastai's LSHLM, reformer-pytorch's ReformerLM, transformers' Reformer with
// a language model's head.
enum class Peer { reformer_fastai, reformer_pytorch, huggingface };

template <>
struct EnumNames<Peer> {
  static constexpr std::pair<Peer, std::string_view> names[] = {
      {Peer::reformer_fastai, "reformer-fastai"},
      {Peer::reformer_pytorch, "reformer-pytorch"},
      {Peer::huggingface, "huggingface"}};
};

// The program of that name. Throws Error for any other name.
Peer peer_named(std::string_view name, std::string_view where);

// A model as the program has it.
struct PeerModel {
  TensorTable table;      // its state dict
  nlohmann::json config;  // what config.json holds: an object for huggingface, else null
};

// The settings of `config` that tensors may not tell. All others follow from the file.
std::vector<Setting> untold_settings(ModelConfig& config);

// Writes what the tensors do not tell - heads, hashing, causality - into a configuration that has
// the program's defaults. heads, length and buckets are 0 there where nothing is known of them;
// buckets that stay 0 become length / chunk_length.
using CompleteConfig = std::function<void(ModelConfig&)>;

// Our model of theirs. Throws Error that lists everything in it that no configuration of ours can
// express; else one that lists up to five missing or unknown tensors and wrong shapes or types;
// else one that starts with "[heads]" or another setting that is missing, or that contradicts the
// file. Configuration and training come back where `peer_model` put them.
ModelFile model_from_peer(Peer peer, const PeerModel& model, std::string_view where,
                          const CompleteConfig& complete);

// Their model of ours; tensors view into `model`, which must outlive them. Throws Error that lists
// every setting that the program could not follow.
PeerModel peer_model(Peer peer, const ModelFile& model, std::string_view where);

// The same with files: one of safetensors, for huggingface a directory with model.safetensors and
// config.json (reading, `path` may also be the file in it). Saving leaves what was
// there when it fails.
ModelFile load_peer_model(Peer peer, const std::filesystem::path& path,
                          const CompleteConfig& complete);
void save_peer_model(Peer peer, const ModelFile& model, const std::filesystem::path& path,
                     std::string_view where);

}  // namespace reformer
