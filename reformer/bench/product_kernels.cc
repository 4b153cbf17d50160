#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "reformer/bench/kernels.h"
#include "reformer/math/bf16.h"
#include "reformer/math/gemm.h"

namespace reformer {
namespace {

struct Operands {
  Matrix a, b, c;
};

// What C = A B or, where `transposed`, C = A^T B should be, and how far rounding may carry it: each
// of K terms is rounded at most K times.
double product_deviation(const Operands& x, bool transposed) {
  const int64_t terms = x.b.rows();
  const auto cols = static_cast<size_t>(x.c.cols());
  std::vector<double> sums(cols), sizes(cols);
  Worst worst;
  for (int64_t m = 0; m < x.c.rows(); ++m) {
    sums.assign(cols, 0);
    sizes.assign(cols, 0);
    for (int64_t k = 0; k < terms; ++k) {
      const double a = transposed ? x.a.row(k)[m] : x.a.row(m)[k];
      for (size_t n = 0; n < cols; ++n) {
        sums[n] += a * x.b.row(k)[n];
        sizes[n] += std::abs(a * x.b.row(k)[n]);
      }
    }
    for (size_t n = 0; n < cols; ++n) {
      worst.add(x.c.row(m)[n], sums[n], kRounding * static_cast<double>(terms) * sizes[n]);
    }
  }
  return worst.deviation();
}

Kernel product(std::string name, bool transposed, int64_t m, int64_t k, int64_t n,
               const Multiply& multiply) {
  const auto make = [=] {
    auto x = std::make_shared<Operands>(
        Operands{transposed ? random_matrix(k, m, 1) : random_matrix(m, k, 1),
                 random_matrix(k, n, 2), Matrix(m, n)});
    return KernelCase{[=] { multiply(x->a, x->b, x->c); },
                      [=] { return product_deviation(*x, transposed); }};
  };
  return {std::move(name), fmt::format("{} x {} x {}", m, k, n),
          2.0 * static_cast<double>(m * k * n), 4.0 * static_cast<double>(m * k + k * n + m * n),
          make};
}

void multiply_own(ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  gemm(a, b, c, Store::overwrite);
}

Kernel product(std::string name, int64_t m, int64_t k, int64_t n) {
  return product_kernel(std::move(name), m, k, n, multiply_own);
}

Kernel product_of_columns(std::string name, int64_t m, int64_t k, int64_t n) {
  return product(std::move(name), true, m, k, n,
                 [](auto a, auto b, auto c) { gemm_at(a, b, c, Store::overwrite); });
}

void round_to_bf16(Matrix& x) {
  for (int64_t r = 0; r < x.rows(); ++r) {
    for (int64_t c = 0; c < x.cols(); ++c) x.row(r)[c] = from_bf16(to_bf16(x.row(r)[c]));
  }
}

// Operands that are rounded already, so that plain arithmetic starts from the same numbers.
Kernel bf16_product(std::string name, int64_t m, int64_t k, int64_t n) {
  struct Packed {
    Operands plain;
    Bf16Rows a;
    Bf16Columns b;
  };
  const auto make = [=] {
    auto x = std::make_shared<Packed>();
    x->plain = {random_matrix(m, k, 1), random_matrix(k, n, 2), Matrix(m, n)};
    round_to_bf16(x->plain.a);
    round_to_bf16(x->plain.b);
    x->a.assign(x->plain.a);
    x->b.assign(x->plain.b);
    return KernelCase{[=] { gemm(x->a, x->b, x->plain.c, Store::overwrite); },
                      [=] { return product_deviation(x->plain, false); }};
  };
  return {std::move(name),
          fmt::format("{} x {} x {}", m, k, n),
          2.0 * static_cast<double>(m * k * n),
          2.0 * static_cast<double>(m * k + k * n) + 4.0 * static_cast<double>(m * n),
          make,
          "bf16"};
}

}  // namespace

Kernel product_kernel(std::string name, int64_t m, int64_t k, int64_t n, const Multiply& multiply) {
  return product(std::move(name), false, m, k, n, multiply);
}

std::vector<Kernel> product_kernels(const ModelConfig& config) {
  const int64_t c = config.model_dim, d = config.head_dim;
  const int64_t scored = config.length / 2, window = 2 * config.chunk_length;
  std::vector<Kernel> kernels = {
      product("product of a sequence", config.length, c, config.heads * d),
      product("product of a block", 64, c, config.heads * d),
      product("logits of a block", 64, d, window),
      product("output of a block", 64, window, d),
      product_of_columns("weight gradient", config.feed_forward_dim, scored, c),
      product("output logits", scored, c, config.vocabulary)};
  if (bf16_is_native()) {
    kernels.push_back(
        bf16_product("product of a sequence, bf16", config.length, c, config.heads * d));
    kernels.push_back(bf16_product("product of a block, bf16", 64, c, config.heads * d));
    kernels.push_back(bf16_product("logits of a block, bf16", 64, d, window));
  }
  return kernels;
}

}  // namespace reformer
