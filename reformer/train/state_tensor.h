// What a checkpoint holds of a training, array by array.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace reformer {

// A parameter, "layers.0.attention.qk.weight", or a part of an optimiser's memory,
// "first_moment.layers.0.attention.qk.weight".
struct StateTensor {
  std::string name;
  std::vector<int64_t> shape;
  std::span<float> values;  // refers to whoever gave it
};

}  // namespace reformer
