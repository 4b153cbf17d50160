// Attention on tensors of a caller's own, [B, T, H, D]: every head of every sequence, on any number
// of threads. What comes from outside is checked here, and nothing but an Error comes of a mistake.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "reformer/attention/plan.h"
#include "reformer/attention/semantics.h"
#include "reformer/base/threads.h"
#include "reformer/math/matrix.h"
#include "reformer/math/softmax_total.h"

namespace reformer {

// A [B, T, H, D] tensor whose last dimension is contiguous. The other strides, in elements, may be
// anything, also 0 or negative where the tensor is only read. Owns nothing.
template <class Element>
struct BasicBatchView {
  Element* data = nullptr;
  int64_t batch = 0, length = 0, heads = 0, head_dim = 0;
  int64_t batch_stride = 0, row_stride = 0, head_stride = 0;

  // [T, D]
  BasicMatrixView<Element> head(int64_t b, int64_t h) const {
    return {data + b * batch_stride + h * head_stride, length, head_dim, row_stride};
  }
  operator BasicBatchView<const Element>() const {
    return {data, batch, length, heads, head_dim, batch_stride, row_stride, head_stride};
  }
};

using BatchView = BasicBatchView<float>;
using ConstBatchView = BasicBatchView<const float>;

// The view of B * T * H * D elements that lie without gaps.
template <class Element>
BasicBatchView<Element> dense_batch(Element* data, int64_t batch, int64_t length, int64_t heads,
                                    int64_t head_dim) {
  return {data,    batch, length, heads, head_dim, length * heads * head_dim, heads * head_dim,
          head_dim};
}

struct BatchInput {
  ConstBatchView qk;  // shared queries and keys
  ConstBatchView v;   // of the same shape
  std::span<const uint8_t>
      valid;  // [B, T] 0 for padding, which only itself may attend to; or empty
  bool causal = true;
};

// Rotations [D, R, N/2], the last two dimensions without gaps, for each head of each sequence; a
// stride of 0 shares them.
struct BatchRotations {
  const float* data = nullptr;
  int64_t head_dim = 0, rounds = 0, half_buckets = 0;
  int64_t batch_stride = 0, head_stride = 0;

  ConstMatrixView head(int64_t b, int64_t h) const {
    const int64_t cols = rounds * half_buckets;
    return {data + b * batch_stride + h * head_stride, head_dim, cols, cols};
  }
};

struct HashSettings {
  int64_t rounds = 1;
  Buckets buckets = 16;
  int64_t chunk_length = 64;
};

// Throws Error unless the shapes agree, are not empty and not beyond what places of int32 can
// number, and all values are finite. The calls below start with it.
void check_batch(const BatchInput& in);

// The part of it that reads no values: for callers that make room by the shapes.
void check_batch_shapes(const BatchInput& in);

// Throws Error that names `where` and the first place whose value is not finite.
void check_finite(const ConstBatchView& x, std::string_view where);

// Plans [B, H]: of head h of sequence b in place b * H + h. Rotations are given, or drawn from
// `seed`, and differ between heads and sequences where the semantics say so. The same plans for any
// number of threads. Throws Error for settings that do not fit the tensor or are absurdly large.
std::vector<HashPlan> hash_batch(const ConstBatchView& qk, const BatchRotations& rotations,
                                 int64_t chunk_length, ThreadPool& pool);
std::vector<HashPlan> hash_batch(const ConstBatchView& qk, const AttentionSemantics& semantics,
                                 const HashSettings& settings, uint64_t seed, ThreadPool& pool);

// out: of the shape of v, must not alias the input.   Returns the softmax totals, [B, H, T].
// Throws Error when an output is not finite: then a logit was beyond float.
std::vector<SoftmaxTotal> full_batch_forward(const LogitRule& rule, const BatchInput& in,
                                             const BatchView& out, ThreadPool& pool);
std::vector<SoftmaxTotal> lsh_batch_forward(const AttentionSemantics& semantics,
                                            std::span<const HashPlan> plans, const BatchInput& in,
                                            const BatchView& out, ThreadPool& pool);

// What the forward pass gave, and the gradient of its output.
struct BatchOutput {
  ConstBatchView out;
  std::span<const SoftmaxTotal> totals;  // [B, H, T]
  ConstBatchView dout;
};

// dqk, dv: overwritten by the gradients; must not alias anything else. No gradient flows through
// the hash. Throws Error when the shapes differ or a value is not finite.
void full_batch_backward(const LogitRule& rule, const BatchInput& in, const BatchOutput& output,
                         const BatchView& dqk, const BatchView& dv, ThreadPool& pool);
void lsh_batch_backward(const AttentionSemantics& semantics, std::span<const HashPlan> plans,
                        const BatchInput& in, const BatchOutput& output, const BatchView& dqk,
                        const BatchView& dv, ThreadPool& pool);

}  // namespace reformer
