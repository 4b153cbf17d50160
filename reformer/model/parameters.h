// Names, shapes and places of a model's parameters. All values lie in one flat array, in the order
// of the layout; gradients and optimiser moments use the same layout.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/model/config.h"

namespace reformer {

struct ParameterInfo {
  std::string name;            // "layers.0.attention.qk.weight"
  std::vector<int64_t> shape;  // matrices are [out, in]
  int64_t offset = 0;          // first element in the flat array
  int64_t size = 0;
  bool decays = true;  // false for biases and norms, which weight decay leaves alone
};

class ParameterLayout {
 public:
  explicit ParameterLayout(std::vector<ParameterInfo> parameters);

  std::span<const ParameterInfo> all() const { return parameters_; }
  int64_t total_size() const { return total_size_; }
  bool contains(std::string_view name) const;
  const ParameterInfo& at(std::string_view name) const;  // std::logic_error when absent

 private:
  std::vector<ParameterInfo> parameters_;
  int64_t total_size_ = 0;
};

// The trained parameters of a model: names and shapes follow from the configuration alone.
ParameterLayout parameter_layout(const ModelConfig& config);

// Starting values as the published programs draw them (reference: SyntheticConfig's LSHLM and
// transformer_copy.gin's TransformerLM), from the stream of `seed`.
std::vector<float> initial_parameters(const ModelConfig& config, uint64_t seed);

}  // namespace reformer
