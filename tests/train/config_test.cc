#include "reformer/train/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "reformer/base/error.h"

namespace reformer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string complaint_about(const TrainConfig& config) {
  try {
    validate(config);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TrainConfig, SettingsAreFlat) {
  TrainConfig config;
  std::vector<std::string> names;
  for (const Setting& setting : settings_of(config)) names.push_back(setting.name);
  EXPECT_THAT(names, ElementsAre("steps", "batch", "optimizer", "beta1", "beta2", "epsilon",
                                 "weight_decay", "schedule", "learning_rate", "warmup_steps",
                                 "cycle_peak", "cycle_beta1", "final_fraction", "clip_norm",
                                 "evaluate_every", "target_accuracy", "checkpoint_every",
                                 "keep_checkpoints", "on_divergence", "precision", "seed"));
}

TEST(TrainConfig, SurvivesJson) {
  TrainConfig paper = train_preset("paper");
  TrainConfig read;
  settings_from_json(settings_of(read), settings_to_json(settings_of(paper)), "test");
  EXPECT_EQ(read, paper);
}

TEST(TrainPresets, AllAreValid) {
  EXPECT_THAT(train_preset_names(),
              ElementsAre("seed", "paper", "laptop", "smoke", "full", "full-seed", "full-paper"));
  for (const std::string& name : train_preset_names()) {
    EXPECT_EQ(complaint_about(train_preset(name)), "") << name;
  }
}

TEST(TrainPresets, SeedReport) {
  const TrainConfig config = train_preset("seed");
  EXPECT_EQ(config.steps, 150000);
  EXPECT_EQ(config.batch, 64);
  EXPECT_EQ(config.optimizer,
            (OptimizerConfig{OptimizerKind::fastai_adam, 0.95, 0.99, 1e-5, 0.01}));
  EXPECT_EQ(config.schedule.kind, ScheduleKind::one_cycle);
  EXPECT_EQ(config.schedule.learning_rate, 1e-3);
  EXPECT_EQ(config.schedule.cycle_peak, 0.25);
  EXPECT_EQ(config.schedule.cycle_beta1, 0.85);
  EXPECT_EQ(config.clip_norm, 0);
}

TEST(TrainPresets, Paper) {
  const TrainConfig config = train_preset("paper");
  EXPECT_EQ(config.steps, 150000);
  EXPECT_EQ(config.batch, 32);
  EXPECT_EQ(config.optimizer.kind, OptimizerKind::adafactor);
  EXPECT_EQ(config.optimizer.epsilon, 1e-30);
  EXPECT_EQ(config.optimizer.weight_decay, 1e-5);
  EXPECT_EQ(config.schedule.kind, ScheduleKind::inverse_sqrt);
  EXPECT_EQ(config.schedule.learning_rate, 1);
  EXPECT_EQ(config.schedule.warmup_steps, 8000);
}

TEST(TrainPresets, UnknownNameSuggestsTheNearest) {
  try {
    train_preset("papr");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("'papr'"));
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'paper'?"));
  }
}

TEST(ValidateTrainConfig, NamesTheFieldThatIsOutOfRange) {
  TrainConfig config;
  config.batch = 0;
  EXPECT_THAT(complaint_about(config), HasSubstr("[train: batch]"));
  config = {};
  config.schedule.learning_rate = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(complaint_about(config), HasSubstr("[train: learning_rate]"));
}

TEST(ValidateTrainConfig, NamesContradictions) {
  TrainConfig config;
  config.optimizer.kind = OptimizerKind::adafactor;  // with Adam's weight decay
  EXPECT_THAT(complaint_about(config), HasSubstr("[train: weight_decay]"));

  config = {};
  config.schedule.kind = ScheduleKind::cosine;
  config.schedule.warmup_steps = config.steps + 1;
  EXPECT_THAT(complaint_about(config), HasSubstr("[train: warmup_steps]"));
  config.schedule.kind =
      ScheduleKind::inverse_sqrt;  // a short trial of a long recipe is no mistake
  EXPECT_EQ(complaint_about(config), "");

  config = {};
  config.optimizer.beta1 = 0.5;
  EXPECT_THAT(complaint_about(config), HasSubstr("[train: cycle_beta1]"));

  config = {};
  config.target_accuracy = 0.99;
  config.evaluate_every = 0;
  EXPECT_THAT(complaint_about(config), HasSubstr("[train: evaluate_every]"));
}

TEST(OptimizerDefaults, KeepTheKind) {
  for (const OptimizerKind kind :
       {OptimizerKind::fastai_adam, OptimizerKind::adamw, OptimizerKind::adafactor}) {
    EXPECT_EQ(optimizer_defaults(kind).kind, kind);
  }
}

}  // namespace
}  // namespace reformer
