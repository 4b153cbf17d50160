// What a file of another program says of the configuration, beside its tensors.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "reformer/run/convert/peer.h"

namespace reformer::internal {

// Metadata with everything that tensors do not tell: configuration and training.
std::map<std::string, std::string> settings_metadata(const ModelFile& model);

// Writes what such metadata say, if they are there.
void read_settings(const TensorTable& table, std::string_view where, ModelConfig& config);

// The training in such metadata, or an empty object.
nlohmann::json read_training(const TensorTable& table, std::string_view where);

// Completes what the file tells. Throws Error that starts with "[<setting>]" when one of `told` is
// another one afterwards.
void complete_settings(const CompleteConfig& complete, std::initializer_list<std::string_view> told,
                       ModelConfig& config);

// head_dim of heads that share `inner` columns, and buckets that nobody told. Throws Error that
// starts with "[heads]" unless heads divide them, and one with "[length]" for a length of 0.
void derive_sizes(int64_t inner, ModelConfig& config);

}  // namespace reformer::internal
