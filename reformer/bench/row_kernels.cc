#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

#include "reformer/bench/kernels.h"
#include "reformer/math/activation.h"
#include "reformer/math/cross_entropy.h"
#include "reformer/math/layer_norm.h"
#include "reformer/math/rows.h"

namespace reformer {
namespace {

// Input, a second input, and results of kernels over [M, C].
struct RowData {
  Matrix x, y, out, normal;
  std::vector<float> inverse_std, gain, bias, dgain, dbias;
};

std::shared_ptr<RowData> row_data(int64_t rows, int64_t cols) {
  auto data = std::make_shared<RowData>();
  data->x = random_matrix(rows, cols, 3);
  data->y = random_matrix(rows, cols, 4);
  data->out.reshape(rows, cols);
  data->normal.reshape(rows, cols);
  data->inverse_std.resize(static_cast<size_t>(rows));
  const Matrix parameters = random_matrix(2, cols, 5);
  data->gain.assign(parameters.row(0), parameters.row(0) + cols);
  data->bias.assign(parameters.row(1), parameters.row(1) + cols);
  data->dgain.assign(static_cast<size_t>(cols), 0);
  data->dbias.assign(static_cast<size_t>(cols), 0);
  return data;
}

std::string shape_of(int64_t rows, int64_t cols) { return fmt::format("{} x {}", rows, cols); }

// `arrays` of [M, C] are read or written.
double bytes_of(int64_t rows, int64_t cols, int arrays) {
  return 4.0 * arrays * static_cast<double>(rows * cols);
}

// Sums of C terms are behind each element, so up to C roundings.
double norm_deviation(const RowData& data) {
  const auto n = static_cast<size_t>(data.x.cols());
  Worst worst;
  for (int64_t r = 0; r < data.x.rows(); ++r) {
    const float* x = data.x.row(r);
    double mean = 0, variance = 0;
    for (size_t i = 0; i < n; ++i) mean += x[i] / static_cast<double>(n);
    for (size_t i = 0; i < n; ++i)
      variance += (x[i] - mean) * (x[i] - mean) / static_cast<double>(n);
    for (size_t i = 0; i < n; ++i) {
      const double normal = (x[i] - mean) / std::sqrt(variance + 1e-5F);
      worst.add(data.out.row(r)[i], normal * data.gain[i] + data.bias[i],
                kRounding * static_cast<double>(n) *
                    (std::abs(data.gain[i]) * (1 + std::abs(normal)) + std::abs(data.bias[i])));
    }
  }
  return worst.deviation();
}

double norm_backward_deviation(const RowData& data) {
  const auto n = static_cast<size_t>(data.x.cols());
  Worst worst;
  for (int64_t r = 0; r < data.x.rows(); ++r) {
    const float* normal = data.normal.row(r);
    double mean = 0, along = 0, size = 0;
    for (size_t i = 0; i < n; ++i) {
      const double d =
          static_cast<double>(data.gain[i]) * data.y.row(r)[i] / static_cast<double>(n);
      mean += d;
      along += d * normal[i];
      size += std::abs(d) * (1 + std::abs(normal[i]));
    }
    for (size_t i = 0; i < n; ++i) {
      const double d = static_cast<double>(data.gain[i]) * data.y.row(r)[i];
      const double scale = data.inverse_std[static_cast<size_t>(r)];
      worst.add(data.out.row(r)[i], scale * (d - mean - normal[i] * along),
                kRounding * static_cast<double>(n) * scale *
                    (std::abs(d) + size * (1 + std::abs(normal[i]))));
    }
  }
  return worst.deviation();
}

Kernel norm_forward_kernel(int64_t rows, int64_t cols) {
  return {"layer norm, forward", shape_of(rows, cols), 0, bytes_of(rows, cols, 3), [=] {
            auto data = row_data(rows, cols);
            return KernelCase{[=] {
                                layer_norm_forward(data->x, data->gain, data->bias, 1e-5F,
                                                   data->normal, data->inverse_std, data->out);
                              },
                              [=] { return norm_deviation(*data); }};
          }};
}

Kernel norm_backward_kernel(int64_t rows, int64_t cols) {
  return {"layer norm, backward", shape_of(rows, cols), 0, bytes_of(rows, cols, 3), [=] {
            auto data = row_data(rows, cols);
            layer_norm_forward(data->x, data->gain, data->bias, 1e-5F, data->normal,
                               data->inverse_std, data->out);
            return KernelCase{[=] {
                                layer_norm_backward(data->y, data->normal, data->inverse_std,
                                                    data->gain, data->out, data->dgain,
                                                    data->dbias);
                              },
                              [=] { return norm_backward_deviation(*data); }};
          }};
}

// The vector erf is good to about 1e-7, two roundings, and products add theirs.
constexpr double kErfRoundings = 8;

Kernel gelu_kernel(bool backward, int64_t rows, int64_t cols) {
  const auto make = [=] {
    auto data = row_data(rows, cols);
    const auto run = [=] {
      for (int64_t r = 0; r < rows; ++r) {
        const float* x = data->x.row(r);
        if (backward) {
          gelu_backward(x, data->y.row(r), data->out.row(r), cols);
        } else {
          gelu_forward(x, data->out.row(r), cols);
        }
      }
    };
    const auto deviation = [=] {
      Worst worst;
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t i = 0; i < cols; ++i) {
          const double x = data->x.row(r)[i], dy = data->y.row(r)[i];
          const double phi = 0.5 * std::erfc(-x / std::numbers::sqrt2);
          const double slope = phi + x * std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
          worst.add(data->out.row(r)[i], backward ? dy * slope : x * phi,
                    kErfRoundings * kRounding *
                        (backward ? std::abs(dy) * (1 + std::abs(x)) : std::abs(x)));
        }
      }
      return worst.deviation();
    };
    return KernelCase{run, deviation};
  };
  return {backward ? "GELU, backward" : "GELU, forward", shape_of(rows, cols), 0,
          bytes_of(rows, cols, backward ? 3 : 2), make};
}

// Calls body(r, i, p) for every element, with p its softmax over row r by plain arithmetic.
template <class Body>
void for_each_probability(ConstMatrixView x, const Body& body) {
  for (int64_t r = 0; r < x.rows; ++r) {
    double sum = 0;
    for (int64_t i = 0; i < x.cols; ++i) sum += std::exp(static_cast<double>(x.row(r)[i]));
    for (int64_t i = 0; i < x.cols; ++i) {
      body(r, i, std::exp(static_cast<double>(x.row(r)[i])) / sum);
    }
  }
}

// Softmax of M rows, by the maximum and the exponential. Works in place, hence with a copy.
Kernel softmax_kernel(int64_t rows, int64_t cols) {
  const auto make = [=] {
    auto data = row_data(rows, cols);
    const auto run = [=] {
      for (int64_t r = 0; r < rows; ++r) {
        float* out = data->out.row(r);
        std::copy_n(data->x.row(r), cols, out);
        const float sum = row_exp(out, row_max(out, cols), cols);
        row_scale(out, out, 1 / sum, cols);
      }
    };
    const auto deviation = [=] {
      Worst worst;
      for_each_probability(data->x, [&](int64_t r, int64_t i, double p) {
        worst.add(data->out.row(r)[i], p, kRounding * static_cast<double>(cols + 16) * p);
      });
      return worst.deviation();
    };
    return KernelCase{run, deviation};
  };
  return {"softmax", shape_of(rows, cols), 0, bytes_of(rows, cols, 2), make};
}

Kernel cross_entropy_kernel(int64_t rows, int64_t cols) {
  const auto make = [=] {
    auto data = row_data(rows, cols);
    const auto run = [=] {
      for (int64_t r = 0; r < rows; ++r) {
        float* out = data->out.row(r);
        std::copy_n(data->x.row(r), cols, out);
        cross_entropy(out, cols, r % cols, 1);
      }
    };
    const auto deviation = [=] {
      Worst worst;
      for_each_probability(data->x, [&](int64_t r, int64_t i, double p) {
        worst.add(data->out.row(r)[i], p - (i == r % cols ? 1 : 0),
                  kRounding * (static_cast<double>(cols + 16) * p + 1));
      });
      return worst.deviation();
    };
    return KernelCase{run, deviation};
  };
  return {"cross-entropy with gradient", shape_of(rows, cols), 0, bytes_of(rows, cols, 2), make};
}

}  // namespace

std::vector<Kernel> row_kernels(const ModelConfig& config) {
  const int64_t scored = config.length / 2;
  return {norm_forward_kernel(scored, config.model_dim),
          norm_backward_kernel(scored, config.model_dim),
          gelu_kernel(false, scored, config.feed_forward_dim),
          gelu_kernel(true, scored, config.feed_forward_dim),
          softmax_kernel(64, 2 * config.chunk_length),
          cross_entropy_kernel(scored, config.vocabulary)};
}

}  // namespace reformer
