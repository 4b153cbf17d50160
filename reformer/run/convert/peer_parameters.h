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

// The flat array of our layout. Throws Error that names up to five differences by their names.
std::vector<float> read_parameters(std::span<const PeerParameter> parameters,
                                   const ParameterLayout& layout,
                                   std::span<const TensorView> tensors, std::string_view where);

// One view per parameter, copies too. Throws Error when a value is not finite.
std::vector<TensorView> write_parameters(std::span<const PeerParameter> parameters,
                                         const ParameterLayout& layout,
                                         std::span<const float> values, std::string_view where);

}  // namespace reformer::internal
