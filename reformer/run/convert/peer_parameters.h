// The parameters of a model as another program names and shapes them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/model/config.h"
#include "reformer/model/parameters.h"
#include "reformer/run/safetensors.h"

namespace reformer::internal {

struct PeerParameter {
  std::string ours, theirs;
  std::vector<int64_t> shape;  // theirs: as many elements in the same order
  bool is_copy = false;        // of a parameter named before; a file may leave it out
};

struct NamePair {
  std::string_view ours, theirs;
};

// Collects the parameters of a configuration.
class PeerNames {
 public:
  explicit PeerNames(const ModelConfig& config) : layout_(parameter_layout(config)) {}

  // Those of `pairs` that the configuration has, with prefixes before both names.
  void add(std::span<const NamePair> pairs, const std::string& ours_prefix = "",
           const std::string& theirs_prefix = "", bool is_copy = false);

  // The parameter lies so there. Nothing where the configuration does not have it.
  void reshape(std::string_view theirs, std::vector<int64_t> shape);

  std::vector<PeerParameter> take() { return std::move(parameters_); }

 private:
  ParameterLayout layout_;
  std::vector<PeerParameter> parameters_;
};

// The flat array of our layout. Throws Error that names up to five differences by their names, or a
// copy that is none.
std::vector<float> read_parameters(std::span<const PeerParameter> parameters,
                                   const ParameterLayout& layout,
                                   std::span<const TensorView> tensors, std::string_view where);

// One view per parameter, copies too. Throws Error when a value is not finite.
std::vector<TensorView> write_parameters(std::span<const PeerParameter> parameters,
                                         const ParameterLayout& layout,
                                         std::span<const float> values, std::string_view where);

}  // namespace reformer::internal
