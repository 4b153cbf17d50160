// The gradient of every parameter, in one flat array, with a view of each.
#pragma once

#include <span>
#include <vector>

#include "reformer/math/matrix.h"
#include "reformer/model/config.h"
#include "reformer/model/parameters.h"

namespace reformer {

struct NormGradients {
  std::span<float> gain, bias;
};

struct LayerGradients {
  NormGradients norm1, norm2;
  MatrixView qk, value, out, feed_forward_in, feed_forward_out;
  std::span<float> out_bias;  // or empty
  std::span<float> feed_forward_in_bias, feed_forward_out_bias;
};

// Backward passes add to it. The views refer to the array, so a Gradients does not move.
class Gradients {
 public:
  Gradients(const ModelConfig& config, const ParameterLayout& layout);
  Gradients(const Gradients&) = delete;
  Gradients& operator=(const Gradients&) = delete;

  void clear();
  std::span<float> all() { return values_; }

  MatrixView token_embedding;
  MatrixView positions;                          // learned, else no rows
  MatrixView first_positions, second_positions;  // axial, else no rows
  std::vector<LayerGradients> layers;
  NormGradients final_norm;
  MatrixView output;  // the token embedding's when tied
  std::span<float> output_bias;

 private:
  std::vector<float> values_;
};

}  // namespace reformer
