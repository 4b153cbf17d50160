#include "reformer/train/adam.h"

#include "tests/train/optimizer_cases.h"

namespace reformer::testing {
namespace {

std::vector<float> after_steps(Optimizer& optimizer, std::vector<float> parameters,
                               std::initializer_list<std::pair<float, StepRates>> steps) {
  ThreadPool pool(1);
  for (const auto& [gradient, rates] : steps) {
    const std::vector<float> gradients(parameters.size(), gradient);
    optimizer.step(parameters, gradients, rates, pool);
  }
  return parameters;
}

// The update in double and element by element, written after fastai's source.
struct ScalarAdam {
  double beta2, epsilon, weight_decay;
  double first = 0, second = 0;
  int64_t count = 0;

  double step(double parameter, double gradient, double rate, double beta1, bool decays) {
    ++count;
    if (decays) parameter *= 1 - rate * weight_decay;
    first = first * beta1 + gradient * (1 - beta1);
    second = second * beta2 + gradient * gradient * (1 - beta2);
    const double debias1 = 1 - std::pow(beta1, count);
    const double debias2 = 1 - std::pow(beta2, count);
    return parameter - rate / debias1 * first / (std::sqrt(second / debias2) + epsilon);
  }
};

TEST(Adam, FirstStepByHand) {
  // Both corrections undo their moment: the step is 0.1 * 0.5 / (0.5 + 1e-5).
  Adam decayed(optimizer_defaults(OptimizerKind::fastai_adam), one_parameter({1}));
  EXPECT_FLOAT_EQ(after_steps(decayed, {2}, {{0.5f, {0.1, 0.95}}})[0], 1.89800200f);
  Adam spared(optimizer_defaults(OptimizerKind::fastai_adam), one_parameter({1}, false));
  EXPECT_FLOAT_EQ(after_steps(spared, {2}, {{0.5f, {0.1, 0.95}}})[0], 1.90000200f);
}

TEST(Adam, SecondStepByHandWithAnotherBeta1) {
  // m = 0.85 * 0.025 - 0.15 * 0.25 = -0.01625, over 1 - 0.85^2 = 0.2775: -0.05855856
  // v = 0.99 * 0.0025 + 0.01 * 0.0625 = 0.0031, over 1 - 0.99^2 = 0.0199: root 0.39468835
  Adam adam(optimizer_defaults(OptimizerKind::fastai_adam), one_parameter({1}, false));
  const std::vector<float> p = after_steps(adam, {2}, {{0.5f, {0.1, 0.95}}, {-0.25f, {0.1, 0.85}}});
  EXPECT_FLOAT_EQ(p[0], 1.90000200f + 0.1f * 0.05855856f / 0.39469835f);
}

TEST(Adam, AdamwKeepsTheBeta1OfItsSettings) {
  const OptimizerConfig config = optimizer_defaults(OptimizerKind::adamw);
  Adam cycled(config, one_parameter({1}));
  Adam constant(config, one_parameter({1}));
  EXPECT_EQ(after_steps(cycled, {2}, {{0.5f, {0.1, 0.95}}, {-0.25f, {0.1, 0.85}}}),
            after_steps(constant, {2}, {{0.5f, {0.1, 0.9}}, {-0.25f, {0.1, 0.9}}}));
}

TEST(Adam, EqualsTheScalarReference) {
  const ParameterLayout layout = small_layout();
  ThreadPool pool(2);
  for (const OptimizerKind kind : {OptimizerKind::fastai_adam, OptimizerKind::adamw}) {
    SCOPED_TRACE(std::string(enum_name(kind)));
    OptimizerConfig config = optimizer_defaults(kind);
    config.weight_decay = 0.5;
    Adam adam(config, layout);
    std::vector<float> parameters = normal_values(layout.total_size(), 0);
    std::vector<double> expected(parameters.begin(), parameters.end());
    std::vector<ScalarAdam> scalars(parameters.size(),
                                    {config.beta2, config.epsilon, config.weight_decay});
    const int64_t steps = 5;
    for (int64_t step = 0; step < steps; ++step) {
      const std::vector<float> gradients = gradients_of_step(layout.total_size(), step);
      const StepRates rates = rates_of_step(step);
      adam.step(parameters, gradients, rates, pool);
      const double beta1 = kind == OptimizerKind::adamw ? config.beta1 : rates.beta1;
      for (const ParameterInfo& info : layout.all()) {
        for (int64_t at = info.offset; at < info.offset + info.size; ++at) {
          const size_t i = static_cast<size_t>(at);
          expected[i] =
              scalars[i].step(expected[i], gradients[i], rates.learning_rate, beta1, info.decays);
        }
      }
    }
    expect_near(parameters, expected, steps, 0.01);
  }
}

}  // namespace
}  // namespace reformer::testing
