#include "reformer/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reformer/base/error.h"
#include "reformer/math/bf16.h"
#include "reformer/math/target.h"
#include "reformer/train/schedule.h"
#include "tests/train/tiny_run.h"

namespace reformer::test {
namespace {

using testing::HasSubstr;

// Words of three symbols, with tokens that do not drown the positions: found within 200 steps.
RunConfig learnable(AttentionKind attention) {
  RunConfig run = tiny_run(attention);
  run.model.length = 8;
  run.model.chunk_length = 4;
  run.train.batch = 32;
  run.model.embedding_scale = 4;
  run.train.steps = 400;
  run.train.schedule.learning_rate = 5e-3;
  return run;
}

class TrainerIn : public testing::TestWithParam<Precision> {};
INSTANTIATE_TEST_SUITE_P(Precisions, TrainerIn, testing::Values(Precision::fp32, Precision::bf16),
                         [](const auto& info) { return std::string(enum_name(info.param)); });

TEST_P(TrainerIn, LearnsToCopy) {
  if (GetParam() == Precision::bf16 && !bf16_is_native()) GTEST_SKIP() << "this CPU has no bf16";
  for (const AttentionKind attention : {AttentionKind::full, AttentionKind::lsh}) {
    ThreadPool pool(2);
    RunConfig run = learnable(attention);
    run.train.precision = GetParam();
    Trainer trainer(run, pool);
    const double before = trainer.validation_loss(trainer.own_attention()).loss;
    while (!trainer.finished()) trainer.step();
    const BatchLoss after = trainer.validation_loss(trainer.own_attention());
    EXPECT_GT(before, std::log(128.0) - 1);
    EXPECT_LT(after.loss, std::log(128.0) / 4) << enum_name(attention);
    EXPECT_GT(after.accuracy(), 0.9) << enum_name(attention);
    EXPECT_EQ(trainer.steps_done(), 400);
  }
}

TEST(Trainer, ReportsWhatAStepDid) {
  RunConfig run = tiny_run(AttentionKind::lsh);
  run.train.clip_norm = 1e-3;
  ThreadPool pool(1);
  Trainer trainer(run, pool);
  for (int64_t step = 0; step < 3; ++step) {
    EXPECT_EQ(trainer.steps_done(), step);
    const StepReport report = trainer.step();
    EXPECT_EQ(report.step, step + 1);
    EXPECT_EQ(report.learning_rate, rates_at(run.train, step).learning_rate);
    EXPECT_GT(report.gradient_norm, 1e-3) << "norm after clipping";
    EXPECT_EQ(report.batch.scored, 11 * 16);
  }
}

// Adafactor multiplies parameters by the rate: a thousandfold every step.
TEST(Trainer, StopsAtNumbersThatAreNotFinite) {
  RunConfig run = tiny_run(AttentionKind::full);
  run.train.optimizer = optimizer_defaults(OptimizerKind::adafactor);
  run.train.schedule.kind = ScheduleKind::constant;
  run.train.schedule.learning_rate = 1000;
  ThreadPool pool(2);
  Trainer trainer(run, pool);
  std::vector<float> before;
  try {
    for (int i = 0; i < 100; ++i) {
      before.assign(trainer.parameters().begin(), trainer.parameters().end());
      trainer.step();
    }
    FAIL() << "a hundred steps of thousandfold growth";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("[train] expected finite numbers, found loss"));
    EXPECT_THAT(error.what(), HasSubstr(fmt::format("at step {};", trainer.steps_done() + 1)));
    EXPECT_THAT(error.what(), HasSubstr("try a lower"));
  }
  EXPECT_TRUE(std::equal(before.begin(), before.end(), trainer.parameters().begin()));
  EXPECT_GT(trainer.steps_done(), 0);
}

// A step that is left out counts, changes nothing, and training goes on; but not for ever.
TEST(Trainer, LeavesStepsOutByPolicy) {
  RunConfig run = tiny_run(AttentionKind::full);
  run.train.on_divergence = DivergencePolicy::skip;
  ThreadPool pool(1);
  Trainer trainer(run, pool);
  trainer.step();
  float& poisoned = trainer.state()[0].values[0];
  const float healthy = poisoned;
  poisoned = std::nanf("");
  const std::vector<float> before(trainer.parameters().begin() + 1, trainer.parameters().end());
  EXPECT_FALSE(trainer.step().applied);
  EXPECT_TRUE(std::ranges::equal(before, trainer.parameters().subspan(1)));
  EXPECT_EQ(trainer.progress(), (TrainerProgress{2, 1, 1}));

  poisoned = healthy;
  EXPECT_TRUE(trainer.step().applied);
  EXPECT_EQ(trainer.progress(), (TrainerProgress{3, 2, 0}));

  trainer.state()[0].values[0] = std::nanf("");
  for (int64_t i = 1; i < Trainer::kMostLeftOut; ++i) EXPECT_FALSE(trainer.step().applied);
  EXPECT_THROW(trainer.step(), Divergence);
}

// Losses of two steps on the same rows with the same parameters.
std::pair<double, double> two_losses(const RunConfig& run) {
  ThreadPool pool(1);
  Trainer trainer(run, pool);
  const double first = trainer.step().batch.loss;
  return {first, trainer.step().batch.loss};
}

// A generator that is reset in every step would hash both alike.
TEST(Trainer, RotationsAreFreshAtEveryStepUnlessTheMeaningFixesThem) {
  for (const auto& [semantics, fresh] : {std::pair{"consistent", true}, {"seed", false}}) {
    const auto [first, second] = two_losses(standstill(AttentionKind::lsh, semantics));
    EXPECT_EQ(first != second, fresh) << semantics;
  }
  const auto [first, second] = two_losses(standstill(AttentionKind::full));
  EXPECT_EQ(first, second);
}

// Training and validation loss on the same rows with the same parameters.
std::pair<double, double> training_and_validation(const RunConfig& run) {
  ThreadPool pool(1);
  Trainer trainer(run, pool);
  const double training = trainer.step().batch.loss;
  return {training, trainer.validation_loss(trainer.own_attention()).loss};
}

TEST(Trainer, ValidatesWithOtherRotationsUnlessTheMeaningFixesThem) {
  for (const auto& [semantics, fresh] : {std::pair{"consistent", true}, {"seed", false}}) {
    const auto [training, validation] =
        training_and_validation(standstill(AttentionKind::lsh, semantics));
    EXPECT_EQ(training != validation, fresh) << semantics;
  }
}

TEST(Trainer, ValidatesOnOtherRowsUnlessTheSeedReportIsRepeated) {
  RunConfig run = standstill(AttentionKind::full);
  const auto [training, repeated] = training_and_validation(run);
  EXPECT_EQ(training, repeated);
  run.task.seed_report_validation = false;
  EXPECT_NE(training_and_validation(run).second, training);
}

TEST(Trainer, DropsNothingInValidation) {
  RunConfig run = standstill(AttentionKind::full);
  const double plain = training_and_validation(run).second;
  run.model.dropout = 0.5;
  const auto [training, validation] = training_and_validation(run);
  EXPECT_NE(training, plain);
  EXPECT_EQ(validation, plain);
  const auto [first, second] = two_losses(run);
  EXPECT_NE(first, second) << "every step drops the same";
}

TEST(Trainer, RefusesAnInvalidRun) {
  RunConfig run = tiny_run(AttentionKind::lsh);
  run.model.chunk_length = 5;
  ThreadPool pool(1);
  EXPECT_THROW(Trainer(run, pool), Error);
}

TEST(Trainer, RefusesBf16WithoutItsInstructions) {
  ThreadPool pool(1);
  RunConfig run = tiny_run(AttentionKind::full);
  run.train.precision = Precision::bf16;
  force_target(available_targets().back());
  std::string message;
  try {
    const Trainer trainer(run, pool);
  } catch (const Error& error) {
    message = error.what();
  }
  force_target("");
  EXPECT_THAT(message, HasSubstr("[precision] expected fp32"));
  EXPECT_THAT(message, HasSubstr("try --precision fp32"));
}

// What is reported in training is what any CPU finds for the parameters.
TEST(Trainer, ValidatesInFp32WhateverItTrainsIn) {
  if (!bf16_is_native()) GTEST_SKIP() << "this CPU has no bf16";
  ThreadPool pool(1);
  RunConfig run = tiny_run(AttentionKind::full);
  Trainer fp32(run, pool);
  run.train.precision = Precision::bf16;
  Trainer bf16(run, pool);
  EXPECT_EQ(bf16.validation_loss(bf16.own_attention()).loss,
            fp32.validation_loss(fp32.own_attention()).loss);
  EXPECT_NE(bf16.step().batch.loss, fp32.step().batch.loss);
}

// Where rotations vary by step, every 64 examples count as a step; by example, each has its own.
TEST(Evaluation, ExamplesHashByTheirOwnRotations) {
  const RunConfig run = tiny_run(AttentionKind::lsh);
  ThreadPool pool(2);
  Workers workers(run.model, pool);
  Weights weights(run.model);
  const std::vector<float> parameters = initial_parameters(run.model, 3);
  weights.prepare(parameters);
  const DuplicationTask task(run.task, run.model.length, false, 3);
  const auto same_row = [&](int64_t, ExampleBuffer& out) { task.validation_example(0, out); };
  const auto loss = [&](const AttentionChoice& attention, int64_t count) {
    return evaluate(weights, attention, same_row, count, workers).loss;
  };
  const AttentionChoice own = attention_of(run.model, 3);
  EXPECT_NE(loss(own, 1), loss(own, 2));
  EXPECT_GT(std::abs(loss(own, 64) - loss(own, 128)), 1e-6);
  AttentionChoice fixed = own;
  fixed.semantics.rotations_per_step = fixed.semantics.rotations_per_example = false;
  EXPECT_NEAR(loss(fixed, 1), loss(fixed, 65), 1e-12);
  AttentionChoice other_seed = own;
  ++other_seed.rotation_seed;
  EXPECT_NE(loss(own, 1), loss(other_seed, 1));
  EXPECT_EQ(evaluate(weights, own, same_row, 3, workers).scored, 3 * 16);
}

}  // namespace
}  // namespace reformer::test
