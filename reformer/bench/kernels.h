// The kernels of a training step, in the shapes that a model uses them in.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "reformer/bench/kernel.h"
#include "reformer/model/config.h"

namespace reformer {

// C = A B.
using Multiply = std::function<void(ConstMatrixView a, ConstMatrixView b, MatrixView c)>;

// `multiply` on a block of its own: [M, K] by [K, N].
Kernel product_kernel(std::string name, int64_t m, int64_t k, int64_t n, const Multiply& multiply);

// Products: projections of a whole sequence and of a block of rows, logits and outputs of a block
// of attention, gradients of a weight matrix.
std::vector<Kernel> product_kernels(const ModelConfig& config);

// Row by row: layer norm, activation, softmax, cross-entropy.
std::vector<Kernel> row_kernels(const ModelConfig& config);

// What LSH attention does beside products: hashing, sorting, moving rows, counting duplicates.
std::vector<Kernel> hash_kernels(const ModelConfig& config);

// One head of each of `attentions` ("full", "lsh-4", ...), forward and backward, the second half of
// the rows asking as in the last layer.
std::vector<Kernel> attention_kernels(const ModelConfig& config,
                                      std::span<const std::string> attentions);

// All of them.
std::vector<Kernel> all_kernels(const ModelConfig& config, std::span<const std::string> attentions);

}  // namespace reformer
