// What the parts of one forward and backward pass have in common.
#pragma once

#include <cstdint>

#include "reformer/model/attention_choice.h"
#include "reformer/model/example.h"

namespace reformer {

// Names the random numbers of a pass: the same context draws the same rotations and drops the same
// activations, so the backward pass repeats the forward pass.
struct PassContext {
  AttentionChoice attention;
  uint64_t dropout_seed = 0;
  double dropout = 0;          // 0 outside of training
  uint64_t step = 0;           // of training; evaluations use a rotation seed of their own
  uint32_t example_index = 0;  // in the batch
  int64_t entropy_rows = 0;    // rows whose attention entropy is measured, see AttentionMeasures
};

}  // namespace reformer
