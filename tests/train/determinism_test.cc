// The same bits for any number of threads, and for every run. Suites named *Determinism* also run
// under ThreadSanitizer.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reformer/math/bf16.h"
#include "reformer/train/batch_gradient.h"
#include "reformer/train/trainer.h"
#include "tests/train/tiny_run.h"

namespace reformer::test {
namespace {

struct Result {
  std::vector<float> parameters;
  std::vector<double> losses, norms, measures;
  double validation = 0;
  bool operator==(const Result&) const = default;
};

Result run_for(const RunConfig& config, int steps, int threads) {
  ThreadPool pool(threads);
  Trainer trainer(config, pool);
  Result result;
  for (int i = 0; i < steps; ++i) {
    const StepReport report = trainer.step();
    result.losses.push_back(report.batch.loss);
    result.norms.push_back(report.gradient_norm);
    for (const double x : {report.batch.hash_recall, report.batch.attention_entropy}) {
      if (!std::isnan(x)) result.measures.push_back(x);
    }
  }
  result.parameters.assign(trainer.parameters().begin(), trainer.parameters().end());
  result.validation = trainer.validation_loss(trainer.own_attention()).loss;
  return result;
}

std::vector<RunConfig> runs() {
  std::vector<RunConfig> all = {tiny_run(AttentionKind::full), tiny_run(AttentionKind::lsh)};
  RunConfig other = tiny_run(AttentionKind::lsh);
  other.model.layers = 2;
  other.model.dropout = 0.2;
  other.train.optimizer = optimizer_defaults(OptimizerKind::adafactor);
  other.train.schedule.kind = ScheduleKind::constant;
  other.train.clip_norm = 0.5;
  all.push_back(other);
  other.model.norm = NormPosition::pre;
  other.model.tied_output = false;
  other.model.residual = Residual::two_streams;
  other.model.stream_merge = StreamMerge::concatenate;
  other.model.position = PositionKind::rotary;
  other.model.attention_bias = true;
  all.push_back(other);
  if (bf16_is_native()) {
    for (const RunConfig& run : {all[0], all[1], other}) {
      all.push_back(run);
      all.back().train.precision = Precision::bf16;
    }
  }
  return all;
}

TEST(TrainerDeterminism, ThreadsAndRunsChangeNoBit) {
  for (const RunConfig& run : runs()) {
    const Result once = run_for(run, 20, 1);
    for (const int threads : {1, 2, 3}) {
      EXPECT_TRUE(run_for(run, 20, threads) == once) << threads << " threads";
    }
  }
}

TEST(TrainerDeterminism, SeedsDiffer) {
  RunConfig run = tiny_run(AttentionKind::lsh);
  const Result first = run_for(run, 2, 1);
  ++run.train.seed;
  EXPECT_NE(run_for(run, 2, 1).losses, first.losses);
}

// One batch, by the given number of threads.
std::vector<float> batch_gradient(const RunConfig& run, int64_t batch, int threads,
                                  BatchLoss& loss) {
  ThreadPool pool(threads);
  Weights weights(run.model, run.train.precision);
  const std::vector<float> parameters = initial_parameters(run.model, 3);
  weights.prepare(parameters);
  const DuplicationTask task(run.task, run.model.length, false, 3);
  PassContext context;
  context.attention = attention_of(run.model, 3);
  context.dropout = run.model.dropout;
  Workers workers(run.model, pool);
  BatchGradient gradient(run.model, weights.layout(), batch);
  loss = gradient.compute(
      weights, context,
      [&](int64_t i, ExampleBuffer& out) { task.training_example(0, batch, i, out); }, workers);
  return {gradient.gradient().begin(), gradient.gradient().end()};
}

TEST(BatchGradientDeterminism, ThreadsChangeNoBit) {
  for (const RunConfig& run : runs()) {
    for (const int64_t batch : {1, 5, 8, 19}) {
      BatchLoss loss, other_loss;
      const std::vector<float> one = batch_gradient(run, batch, 1, loss);
      for (const int threads : {2, 3}) {
        EXPECT_EQ(batch_gradient(run, batch, threads, other_loss), one) << batch << " " << threads;
        EXPECT_EQ(other_loss.loss, loss.loss);
        EXPECT_EQ(other_loss.correct, loss.correct);
      }
    }
  }
}

// With fewer sequences than threads all threads work on one sequence. Long ones are cut into parts.
TEST(BatchGradientDeterminism, ThreadsThatShareASequenceChangeNoBit) {
  std::vector<RunConfig> long_runs = runs();
  long_runs.back().model.norm = NormPosition::pre;
  long_runs.back().model.final_norm = true;
  RunConfig axial = tiny_run(AttentionKind::lsh);
  axial.model.position = PositionKind::axial;
  axial.model.axial_rows = 16;
  axial.model.axial_first_dim = axial.model.model_dim / 2;
  long_runs.push_back(axial);
  for (RunConfig& run : long_runs) {
    run.model.length = 512;
    BatchLoss loss, other_loss;
    const std::vector<float> one = batch_gradient(run, 2, 1, loss);
    for (const int threads : {3, 5}) {
      EXPECT_TRUE(batch_gradient(run, 2, threads, other_loss) == one) << threads;
      EXPECT_EQ(other_loss.loss, loss.loss);
      EXPECT_EQ(other_loss.correct, loss.correct);
    }
  }
}

// The lanes add up to the gradient of the mean over all scored rows.
TEST(BatchGradient, IsThatOfTheMeanLoss) {
  const RunConfig run = tiny_run(AttentionKind::lsh);
  constexpr int64_t kBatch = 19;
  BatchLoss batch_loss;
  const std::vector<float> actual = batch_gradient(run, kBatch, 2, batch_loss);

  Weights weights(run.model);
  const std::vector<float> parameters = initial_parameters(run.model, 3);
  weights.prepare(parameters);
  const DuplicationTask task(run.task, run.model.length, false, 3);
  Gradients sum(run.model, weights.layout());
  SequencePass pass(run.model);
  ExampleBuffer buffer;
  PassContext context;
  context.attention = attention_of(run.model, 3);
  double loss = 0;
  for (uint32_t i = 0; i < kBatch; ++i) {
    task.training_example(0, kBatch, i, buffer);
    context.example_index = i;
    loss += pass.train(weights, context, buffer, 1, sum).loss;
  }
  const double scored = kBatch * 16;
  EXPECT_NEAR(batch_loss.loss, loss / scored, 1e-12 * loss);
  EXPECT_EQ(batch_loss.scored, kBatch * 16);
  double largest = 0;
  for (const float g : actual) largest = std::max(largest, std::abs(double{g}));
  const double bound = kBatch * 32 * std::numeric_limits<float>::epsilon() * largest;
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], sum.all()[i] / scored, bound) << i;
  }
}

}  // namespace
}  // namespace reformer::test
