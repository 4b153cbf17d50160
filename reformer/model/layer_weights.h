// The weights of one layer, laid out for the products of one step.
#pragma once

#include <span>

#include "reformer/math/operand.h"

namespace reformer {

// A weight matrix W [out, in] as an operand, both ways round: y = x W^T reads `transposed`,
// dx = dy W reads `straight`.
struct LinearWeights {
  RightView straight;    // [out, in]
  RightView transposed;  // [in, out]
  RightOperand straight_memory, transposed_memory;
};

struct NormWeights {
  std::span<const float> gain, bias;
};

struct LayerWeights {
  NormWeights norm1, norm2;
  LinearWeights qk, value, out, feed_forward_in, feed_forward_out;
  std::span<const float> out_bias;  // or empty
  std::span<const float> feed_forward_in_bias, feed_forward_out_bias;
};

}  // namespace reformer
