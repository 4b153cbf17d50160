// What one head of attention is given.
#pragma once

#include <cstdint>
#include <span>

#include "reformer/math/matrix.h"
#include "reformer/math/precision.h"

namespace reformer {

// Rows of a sequence whose attention is wanted: [begin, end).
struct QueryRange {
  int64_t begin, end;
  int64_t size() const { return end - begin; }
};

// Views may have any stride.
struct HeadInput {
  ConstMatrixView qk;              // [T, D] shared queries and keys
  ConstMatrixView v;               // [T, D]
  std::span<const uint8_t> valid;  // [T] 0 for padding, which only itself may attend to; or empty
  QueryRange queries;              // rows whose output is wanted
  bool causal = true;
  Precision precision = Precision::fp32;  // of the operands of products; logits to weights is fp32

  // The first position whose query may see the key, itself aside.
  int32_t visible_from(int64_t key) const {
    if (!valid.empty() && valid[static_cast<size_t>(key)] == 0) return INT32_MAX;
    return causal ? static_cast<int32_t>(key) : 0;
  }
};

// Throws logic_error unless the shapes agree with each other.
void check_head_input(const HeadInput& in);

}  // namespace reformer
