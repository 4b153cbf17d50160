#include "reformer/train/gradient_signal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "reformer/base/error.h"
#include "tests/train/tiny_run.h"

namespace reformer::test {
namespace {

struct Case {
  explicit Case(AttentionKind attention) : config(tiny_run(attention)), task(task_of(config)) {
    parameters = initial_parameters(config.model, 3);
    context.attention = attention_of(config.model, 5);
  }

  ExampleSource validation() {
    return [this](int64_t i, ExampleBuffer& out) { task.validation_example(i, out); };
  }
  GradientSignals signals(int64_t count, const ExampleSource& source, int threads = 1) {
    ThreadPool pool(threads);
    return gradient_signals(config.model, parameters, context, source, count, pool);
  }
  // The gradient of a batch of `count`, as training takes it.
  std::vector<double> batch_gradient(int64_t count, const ExampleSource& source) {
    ThreadPool pool(1);
    Weights weights(config.model);
    weights.prepare(parameters);
    Workers workers(config.model, pool);
    BatchGradient batch(config.model, weights.layout(), count);
    batch.compute(weights, context, source, workers);
    return {batch.gradient().begin(), batch.gradient().end()};
  }

  RunConfig config;
  DuplicationTask task;
  std::vector<float> parameters;
  PassContext context;
};

double product(const std::vector<double>& a, const std::vector<double>& b,
               const ParameterInfo& of) {
  const auto from = [&](const std::vector<double>& x) { return x.begin() + of.offset; };
  return std::inner_product(from(a), from(a) + of.size, from(b), 0.0);
}

TEST(GradientSignal, IsOfTheGradientsThatTrainingTakes) {
  Case full(AttentionKind::full);
  const std::vector<double> one = full.batch_gradient(1, full.validation());
  const std::vector<double> other = full.batch_gradient(
      1, [&](int64_t, ExampleBuffer& out) { full.task.validation_example(1, out); });
  const GradientSignals signals = full.signals(2, full.validation());
  const ParameterLayout layout = parameter_layout(full.config.model);
  ASSERT_EQ(signals.parameters.size(), layout.all().size());
  for (size_t p = 0; p < layout.all().size(); ++p) {
    const ParameterInfo& info = layout.all()[p];
    const GradientSignal& signal = signals.parameters[p];
    const double squares = product(one, one, info) + product(other, other, info);
    const double crossed = product(one, other, info);
    EXPECT_EQ(signal.name, info.name);
    EXPECT_EQ(signal.size, info.size);
    EXPECT_NEAR(signal.sequence_norm, std::sqrt(squares / 2), 1e-9) << info.name;
    EXPECT_NEAR(signal.mean_norm, std::sqrt(squares + 2 * crossed) / 2, 1e-9) << info.name;
    if (squares > 0) {
      EXPECT_NEAR(signal.agreement, 2 * crossed / squares, 1e-6) << info.name;
    }
  }
}

// Rotations differ from example to example there, as in a batch.
TEST(GradientSignal, NumbersExamplesAsABatchDoes) {
  Case lsh(AttentionKind::lsh);
  const std::vector<double> batch = lsh.batch_gradient(6, lsh.validation());
  const GradientSignals signals = lsh.signals(6, lsh.validation());
  const ParameterLayout layout = parameter_layout(lsh.config.model);
  for (size_t p = 0; p < layout.all().size(); ++p) {
    const double norm = std::sqrt(product(batch, batch, layout.all()[p]));
    EXPECT_NEAR(signals.parameters[p].mean_norm, norm, 1e-5 * norm) << layout.all()[p].name;
  }
  EXPECT_FALSE(std::isnan(signals.loss.hash_recall));
  EXPECT_FALSE(std::isnan(signals.loss.attention_entropy));
}

TEST(GradientSignal, EqualSequencesAgreeFully) {
  Case full(AttentionKind::full);
  const auto same = [&](int64_t, ExampleBuffer& out) { full.task.validation_example(0, out); };
  for (const GradientSignal& signal : full.signals(3, same).parameters) {
    if (signal.sequence_norm == 0) {
      EXPECT_TRUE(std::isnan(signal.agreement)) << signal.name;
    } else {
      EXPECT_NEAR(signal.agreement, 1, 1e-9) << signal.name;
    }
  }
}

TEST(GradientSignal, ThreadsChangeNoBit) {
  Case lsh(AttentionKind::lsh);
  const GradientSignals one = lsh.signals(4, lsh.validation(), 1);
  const GradientSignals three = lsh.signals(4, lsh.validation(), 3);
  EXPECT_EQ(one.loss.loss, three.loss.loss);
  for (size_t p = 0; p < one.parameters.size(); ++p) {
    EXPECT_EQ(one.parameters[p].mean_norm, three.parameters[p].mean_norm);
    EXPECT_EQ(one.parameters[p].sequence_norm, three.parameters[p].sequence_norm);
  }
}

TEST(GradientSignal, RefusesWhatIsNotFinite) {
  Case full(AttentionKind::full);
  full.parameters.back() = std::nanf("");
  EXPECT_THROW(full.signals(2, full.validation()), Error);
}

}  // namespace
}  // namespace reformer::test
