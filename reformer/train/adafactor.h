// Adafactor (Shazeer and Stern 2018, algorithms 4 to 6) as the paper's code of record runs it: no
// momentum, and for matrices one mean square per row and per column in place of one per element.
#pragma once

#include <vector>

#include "reformer/train/optimizer.h"

namespace reformer {

class Adafactor : public Optimizer {
 public:
  Adafactor(const OptimizerConfig& config, const ParameterLayout& layout);

  std::vector<StateTensor> state() override;

 private:
  // One parameter. Rank 2 and more is factored over its last two dimensions, each leading index
  // being a matrix [rows, columns] of its own.
  struct Tensor {
    bool factored;
    int64_t offset, size;
    int64_t matrices, rows, columns;
    int64_t row_state, column_state;  // into moments_; a vector has its whole state at the latter
    int64_t first_panel, panels;
  };
  // The unit of work: some rows of one matrix, or a piece of a vector taken as a single row.
  struct Panel {
    int64_t tensor, matrix;
    int64_t offset;
    int64_t rows, columns;
    int64_t row_state, column_state;
    int64_t column_sums;  // into column_sums_
  };
  // What changes from step to step.
  struct Decay {
    double keep, mix;  // of the mean squares
  };

  // With s counted from 0 and d = 1 - (s + 1)^-0.8, for a matrix:
  //   row_i = d row_i + (1 - d) mean_j(g_ij^2 + epsilon)    col_j the same over i
  //   y_ij = g_ij / sqrt(row_i / mean(row)) / sqrt(col_j)
  // and for a vector v = d v + (1 - d) (g^2 + epsilon), y = g / sqrt(v). Then
  //   y /= max(1, RMS(y))
  //   p = (1 - weight_decay) p - lr max(1e-3, RMS(p)) y
  // trax's adafactor.py. Weight decay spares nothing, biases and norms included, as there.
  void update(std::span<float> parameters, std::span<const float> gradients, const StepRates& rates,
              int64_t count, ThreadPool& pool) override;

  void add_tensor(const ParameterInfo& parameter);
  void add_panels(const Tensor& tensor);
  void accumulate_matrix(const Panel& panel, const Decay& decay, const float* gradients);
  void accumulate_vector(const Panel& panel, const Decay& decay, const float* gradients);
  void factorise(const Tensor& tensor, const Decay& decay);
  double update_square(const Panel& panel, const float* gradients) const;
  void apply(const Panel& panel, float scale, const float* gradients, float* parameters) const;

  OptimizerConfig config_;
  std::vector<ParameterInfo> parameters_;
  std::vector<Tensor> tensors_;
  std::vector<Panel> panels_;
  std::vector<float> moments_;
  // Scratch of one step: what the moments mean for a gradient, same places; then sums by panel.
  std::vector<float> factors_;
  std::vector<double> column_sums_, parameter_squares_, update_squares_;
  std::vector<float> scales_;  // by tensor
};

}  // namespace reformer
