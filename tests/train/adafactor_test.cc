#include "reformer/train/adafactor.h"

#include "tests/train/optimizer_cases.h"

namespace reformer::testing {
namespace {

constexpr float kKeep = 1 - 1e-5f;

OptimizerConfig paper_config() { return optimizer_defaults(OptimizerKind::adafactor); }

void step_once(Optimizer& optimizer, std::vector<float>& parameters,
               const std::vector<float>& gradients, double rate) {
  ThreadPool pool(1);
  optimizer.step(parameters, gradients, {rate, 0.95}, pool);
}

// The update of one parameter in double, straight from the formulas.
class ScalarAdafactor {
 public:
  ScalarAdafactor(const OptimizerConfig& config, const ParameterInfo& info)
      : config_(config), info_(info) {
    if (info.shape.size() < 2) {
      rows_ = 1, columns_ = info.size;
    } else {
      rows_ = info.shape[info.shape.size() - 2], columns_ = info.shape.back();
    }
    by_row_.resize(info.size), by_column_.resize(info.size), by_element_.resize(info.size);
  }

  void step(std::vector<double>& p, const std::vector<float>& gradients, double rate, int64_t s) {
    const double decay = 1 - std::pow(static_cast<double>(s) + 1, -0.8);
    std::vector<double> y(info_.size);
    const int64_t matrix_size = rows_ * columns_;
    for (int64_t first = 0; first < info_.size; first += matrix_size) {
      const auto g = [&](int64_t i, int64_t j) {
        return static_cast<double>(gradients[info_.offset + first + i * columns_ + j]);
      };
      if (info_.shape.size() < 2) {
        for (int64_t j = 0; j < columns_; ++j) {
          by_element_[j] = decay * by_element_[j] + (1 - decay) * (g(0, j) * g(0, j) + 1e-30);
          y[j] = g(0, j) / std::sqrt(by_element_[j]);
        }
        continue;
      }
      std::vector<double> row_mean(rows_), column_mean(columns_);
      for (int64_t i = 0; i < rows_; ++i) {
        for (int64_t j = 0; j < columns_; ++j) {
          row_mean[i] += (g(i, j) * g(i, j) + 1e-30) / static_cast<double>(columns_);
          column_mean[j] += (g(i, j) * g(i, j) + 1e-30) / static_cast<double>(rows_);
        }
      }
      // Any index that is unique to this matrix will do for the memory.
      double* row = &by_row_[first];
      double* column = &by_column_[first];
      double mean_of_rows = 0;
      for (int64_t i = 0; i < rows_; ++i) {
        row[i] = decay * row[i] + (1 - decay) * row_mean[i];
        mean_of_rows += row[i] / static_cast<double>(rows_);
      }
      for (int64_t j = 0; j < columns_; ++j) {
        column[j] = decay * column[j] + (1 - decay) * column_mean[j];
      }
      for (int64_t i = 0; i < rows_; ++i) {
        for (int64_t j = 0; j < columns_; ++j) {
          y[first + i * columns_ + j] = g(i, j) / std::sqrt(row[i] * column[j] / mean_of_rows);
        }
      }
    }
    double p_square = 0, y_square = 0;
    for (int64_t i = 0; i < info_.size; ++i) {
      p_square += p[info_.offset + i] * p[info_.offset + i] / static_cast<double>(info_.size);
      y_square += y[i] * y[i] / static_cast<double>(info_.size);
    }
    const double scale =
        rate * std::max(1e-3, std::sqrt(p_square)) / std::max(1.0, std::sqrt(y_square));
    for (int64_t i = 0; i < info_.size; ++i) {
      double& value = p[info_.offset + i];
      value = (1 - config_.weight_decay) * value - scale * y[i];
    }
  }

 private:
  OptimizerConfig config_;
  ParameterInfo info_;
  int64_t rows_, columns_;
  std::vector<double> by_row_, by_column_, by_element_;
};

TEST(Adafactor, FirstStepOfAVectorByHand) {
  // The first mean square is g^2 itself, so y = sign(g); RMS(3, 4) = sqrt(12.5).
  Adafactor optimizer(paper_config(), one_parameter({2}));
  std::vector<float> p = {3, 4};
  step_once(optimizer, p, {0.5f, -2}, 0.01);
  EXPECT_FLOAT_EQ(p[0], 3 * kKeep - 0.0353553391f);
  EXPECT_FLOAT_EQ(p[1], 4 * kKeep + 0.0353553391f);
}

TEST(Adafactor, FirstStepOfAMatrixByHand) {
  // Rows 2.5 and 10 over their mean 6.25, columns 2.5 and 10 - or, with unequal shares, rows 5 and
  // 1 over 3, columns 5 and 1: y = (3, 1; -1, 1) / (5, sqrt 5; sqrt 5, 1) * sqrt 3.
  Adafactor rank_one(paper_config(), one_parameter({2, 2}));
  std::vector<float> p = {1, 1, 1, 1};
  step_once(rank_one, p, {1, 2, -2, 4}, 0.01);
  EXPECT_FLOAT_EQ(p[0], kKeep - 0.01f);
  EXPECT_FLOAT_EQ(p[1], kKeep - 0.01f);
  EXPECT_FLOAT_EQ(p[2], kKeep + 0.01f);
  EXPECT_FLOAT_EQ(p[3], kKeep - 0.01f);

  Adafactor general(paper_config(), one_parameter({2, 2}));
  p = {1, 1, 1, 1};
  step_once(general, p, {3, 1, -1, 1}, 0.01);
  const double y[] = {1.03923048, 0.77459667, -0.77459667, 1.73205081};
  const double rms = 1.14891253;  // over 1, hence divided by
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(p[i], kKeep - 0.01 * y[i] / rms, 2e-7) << i;
}

TEST(Adafactor, UpdateOfUnusualSizeIsClipped) {
  // v = 0.42565 + 0.57435 * 100, y = 10 / 7.6066 = 1.31 for both: scaled down to 1.
  Adafactor optimizer(paper_config(), one_parameter({2}));
  std::vector<float> p = {1, 1};
  step_once(optimizer, p, {1, 1}, 0);
  p = {1, 1};
  step_once(optimizer, p, {10, 10}, 0.01);
  EXPECT_FLOAT_EQ(p[0], kKeep - 0.01f);
}

TEST(Adafactor, SmallParametersStillMove) {
  Adafactor optimizer(paper_config(), one_parameter({2}));
  std::vector<float> p = {0, 0};
  step_once(optimizer, p, {1, -1}, 0.01);
  EXPECT_FLOAT_EQ(p[0], -1e-5f);
  EXPECT_FLOAT_EQ(p[1], 1e-5f);
}

TEST(Adafactor, WeightDecayNeedsNoRateAndSparesNothing) {
  Adafactor optimizer(paper_config(), one_parameter({1}, false));
  std::vector<float> p = {1};
  step_once(optimizer, p, {1}, 0);
  EXPECT_FLOAT_EQ(p[0], kKeep);
}

TEST(Adafactor, NoGradientGivesNoStep) {
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{2, 2}, {4}}) {
    Adafactor optimizer(paper_config(), one_parameter(shape));
    std::vector<float> p = {1, 2, 3, 4};
    for (int i = 0; i < 3; ++i) step_once(optimizer, p, {0, 0, 0, 0}, 0.01);
    EXPECT_FLOAT_EQ(p[3], 4 * kKeep * kKeep * kKeep) << "rank " << shape.size();
  }
}

TEST(Adafactor, EqualsTheScalarReference) {
  const ParameterLayout layout = small_layout();
  Adafactor optimizer(paper_config(), layout);
  ThreadPool pool(2);
  std::vector<float> parameters = normal_values(layout.total_size(), 0);
  std::vector<double> expected(parameters.begin(), parameters.end());
  std::vector<ScalarAdafactor> scalars;
  for (const ParameterInfo& info : layout.all()) scalars.emplace_back(paper_config(), info);
  const int64_t steps = 5;
  for (int64_t step = 0; step < steps; ++step) {
    const std::vector<float> gradients = gradients_of_step(layout.total_size(), step);
    const StepRates rates = rates_of_step(step);
    optimizer.step(parameters, gradients, rates, pool);
    for (ScalarAdafactor& scalar : scalars) {
      scalar.step(expected, gradients, rates.learning_rate, step);
    }
  }
  expect_near(parameters, expected, steps, 0.1);
}

TEST(Adafactor, StateOfAMatrixIsItsRowsAndColumns) {
  Adafactor optimizer(paper_config(), one_parameter({2, 3, 4}));
  const std::vector<StateTensor> state = optimizer.state();
  ASSERT_EQ(state.size(), 2u);
  EXPECT_EQ(state[0].name, "second_moment_rows.only");
  EXPECT_EQ(state[0].shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(state[1].name, "second_moment_columns.only");
  EXPECT_EQ(state[1].shape, (std::vector<int64_t>{2, 4}));
}

}  // namespace
}  // namespace reformer::testing
