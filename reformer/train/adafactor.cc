#include "reformer/train/adafactor.h"

#include <cmath>

#include "reformer/train/blocks.h"

namespace reformer {
namespace {

constexpr double kDecayExponent = 0.8;
constexpr double kUpdateLimit = 1.0;     // RMS above which an update is scaled down
constexpr double kSmallestScale = 1e-3;  // stands for RMS(parameter) where that is smaller

std::span<const float> slice(std::span<const float> values, int64_t offset, int64_t size) {
  return values.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
}

}  // namespace

void Adafactor::update(std::span<float> parameters, std::span<const float> gradients,
                       const StepRates& rates, int64_t count, ThreadPool& pool) {
  const double mix = std::pow(static_cast<double>(count), -kDecayExponent);
  const Decay decay{1 - mix, mix};
  const int64_t panels = static_cast<int64_t>(panels_.size());
  pool.run(panels, [&](int64_t index, int) {
    const Panel& panel = panels_[static_cast<size_t>(index)];
    parameter_squares_[static_cast<size_t>(index)] =
        sum_of_squares(slice(parameters, panel.offset, panel.rows * panel.columns));
    if (tensors_[static_cast<size_t>(panel.tensor)].factored) {
      accumulate_matrix(panel, decay, gradients.data());
    } else {
      accumulate_vector(panel, decay, gradients.data());
    }
  });
  pool.run(static_cast<int64_t>(tensors_.size()), [&](int64_t index, int) {
    const Tensor& tensor = tensors_[static_cast<size_t>(index)];
    if (tensor.factored) factorise(tensor, decay);
  });
  pool.run(panels, [&](int64_t index, int) {
    update_squares_[static_cast<size_t>(index)] =
        update_square(panels_[static_cast<size_t>(index)], gradients.data());
  });
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const Tensor& t = tensors_[i];
    const auto rms = [&t](const std::vector<double>& squares) {
      const auto first = squares.begin() + t.first_panel;
      return std::sqrt(std::accumulate(first, first + t.panels, 0.0) /
                       static_cast<double>(std::max<int64_t>(1, t.size)));
    };
    scales_[i] =
        static_cast<float>(rates.learning_rate * std::max(kSmallestScale, rms(parameter_squares_)) /
                           std::max(1.0, rms(update_squares_) / kUpdateLimit));
  }
  pool.run(panels, [&](int64_t index, int) {
    const Panel& panel = panels_[static_cast<size_t>(index)];
    apply(panel, scales_[static_cast<size_t>(panel.tensor)], gradients.data(), parameters.data());
  });
}

void Adafactor::accumulate_matrix(const Panel& panel, const Decay& decay, const float* gradients) {
  const double epsilon = config_.epsilon;
  double* sums = column_sums_.data() + panel.column_sums;
  std::fill_n(sums, panel.columns, 0.0);
  for (int64_t row = 0; row < panel.rows; ++row) {
    const float* g = gradients + panel.offset + row * panel.columns;
    for (int64_t i = 0; i < panel.columns; ++i) {
      sums[i] += static_cast<double>(g[i]) * static_cast<double>(g[i]) + epsilon;
    }
    const double mean = sum_of_squares({g, static_cast<size_t>(panel.columns)}) /
                        static_cast<double>(panel.columns);
    float& moment = moments_[static_cast<size_t>(panel.row_state + row)];
    moment = static_cast<float>(decay.keep * moment + decay.mix * (mean + epsilon));
  }
}

void Adafactor::accumulate_vector(const Panel& panel, const Decay& decay, const float* gradients) {
  const float keep = static_cast<float>(decay.keep);
  const float mix = static_cast<float>(decay.mix);
  const float epsilon = static_cast<float>(config_.epsilon);
  const float* g = gradients + panel.offset;
  float* moments = moments_.data() + panel.column_state;
  float* factors = factors_.data() + panel.column_state;
  for (int64_t i = 0; i < panel.columns; ++i) {
    moments[i] = keep * moments[i] + mix * (g[i] * g[i] + epsilon);
    factors[i] = 1 / std::sqrt(moments[i]);
  }
}

void Adafactor::factorise(const Tensor& t, const Decay& decay) {
  std::vector<double> sums(static_cast<size_t>(t.matrices * t.columns));
  for (int64_t index = t.first_panel; index < t.first_panel + t.panels; ++index) {
    const Panel& panel = panels_[static_cast<size_t>(index)];
    const double* part = column_sums_.data() + panel.column_sums;
    double* total = sums.data() + panel.matrix * t.columns;
    for (int64_t i = 0; i < t.columns; ++i) total[i] += part[i];
  }
  float* columns = moments_.data() + t.column_state;
  float* column_factors = factors_.data() + t.column_state;
  for (int64_t i = 0; i < t.matrices * t.columns; ++i) {
    const double mean = sums[static_cast<size_t>(i)] / static_cast<double>(t.rows);
    columns[i] = static_cast<float>(decay.keep * columns[i] + decay.mix * mean);
    column_factors[i] = static_cast<float>(1 / std::sqrt(static_cast<double>(columns[i])));
  }
  for (int64_t matrix = 0; matrix < t.matrices; ++matrix) {
    const float* rows = moments_.data() + t.row_state + matrix * t.rows;
    float* row_factors = factors_.data() + t.row_state + matrix * t.rows;
    const double mean =
        lane_sum(t.rows, [rows](int64_t i) { return static_cast<double>(rows[i]); }) /
        static_cast<double>(t.rows);
    for (int64_t i = 0; i < t.rows; ++i) {
      row_factors[i] = static_cast<float>(std::sqrt(mean / static_cast<double>(rows[i])));
    }
  }
}

double Adafactor::update_square(const Panel& panel, const float* gradients) const {
  const bool factored = tensors_[static_cast<size_t>(panel.tensor)].factored;
  const float* by_column = factors_.data() + panel.column_state;
  double sum = 0;
  for (int64_t row = 0; row < panel.rows; ++row) {
    const float by_row = factored ? factors_[static_cast<size_t>(panel.row_state + row)] : 1.0f;
    const float* g = gradients + panel.offset + row * panel.columns;
    sum += lane_sum(panel.columns, [=](int64_t i) {
      const float y = g[i] * by_row * by_column[i];
      return static_cast<double>(y) * static_cast<double>(y);
    });
  }
  return sum;
}

void Adafactor::apply(const Panel& panel, float scale, const float* gradients,
                      float* parameters) const {
  const bool factored = tensors_[static_cast<size_t>(panel.tensor)].factored;
  const float keep = static_cast<float>(1 - config_.weight_decay);
  const float* __restrict by_column = factors_.data() + panel.column_state;
  for (int64_t row = 0; row < panel.rows; ++row) {
    const float by_row = factored ? factors_[static_cast<size_t>(panel.row_state + row)] : 1.0f;
    const float* __restrict g = gradients + panel.offset + row * panel.columns;
    float* __restrict p = parameters + panel.offset + row * panel.columns;
    for (int64_t i = 0; i < panel.columns; ++i) {
      p[i] = keep * p[i] - scale * (g[i] * by_row * by_column[i]);
    }
  }
}

}  // namespace reformer
