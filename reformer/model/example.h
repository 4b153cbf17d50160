// What a model is given: token sequences, and which predictions count.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reformer {

// One example as the model sees it: row t reads inputs[t] and predicts targets[t].
struct Example {
  std::span<const int32_t> inputs;   // [T]
  std::span<const int32_t> targets;  // [T]
  int64_t scored_begin = 0;          // rows [scored_begin, scored_end) carry loss and accuracy
  int64_t scored_end = 0;
  std::span<const uint8_t> valid;  // [T] 0 for padding, or empty
  // How many rows before a scored row the token was read that it must predict; 0: nobody knows.
  int64_t answer_distance = 0;

  int64_t scored() const { return scored_end - scored_begin; }
};

// Owns an example; allocates only when the length grows.
struct ExampleBuffer {
  std::vector<int32_t> inputs;
  std::vector<int32_t> targets;
  int64_t scored_begin = 0;
  int64_t scored_end = 0;
  int64_t answer_distance = 0;

  operator Example() const {
    return {inputs, targets, scored_begin, scored_end, {}, answer_distance};
  }
};

}  // namespace reformer
