#include "reformer/train/config.h"

#include "reformer/base/error.h"

namespace reformer {
namespace {

// Its learning rate is the default of the program's command; the published runs record none.
TrainConfig seed_report() {
  TrainConfig config;
  config.steps = 150000;
  config.batch = 64;
  config.optimizer = optimizer_defaults(OptimizerKind::fastai_adam);
  config.schedule.kind = ScheduleKind::one_cycle;
  config.schedule.learning_rate = 1e-3;
  config.evaluate_every = 200;  // an epoch
  return config;
}

TrainConfig paper() {
  TrainConfig config;
  config.steps = 150000;
  config.batch = 32;
  config.optimizer = optimizer_defaults(OptimizerKind::adafactor);
  config.schedule.kind = ScheduleKind::inverse_sqrt;
  config.schedule.learning_rate = 1;
  config.schedule.warmup_steps = 8000;
  config.evaluate_every = 500;
  return config;
}

TrainConfig laptop() {
  TrainConfig config = seed_report();
  config.steps = 2000;
  config.batch = 16;
  config.optimizer.weight_decay = 1;  // sharpens the hash: docs/experiments.md
  return config;
}

TrainConfig smoke() {
  TrainConfig config = laptop();
  config.steps = 50;
  config.batch = 4;
  config.evaluate_every = 25;
  return config;
}

// Steps relative to the size of each parameter, as in the paper, but larger from the start: learned
// positions of size 1 would need a thousand of Adam's steps. Decay keeps the attention of the first
// steps from being so sharp that a wrong choice cannot be unlearned. docs/experiments.md has both.
TrainConfig full() {
  TrainConfig config;
  config.steps = 800;
  config.batch = 8;
  config.optimizer = optimizer_defaults(OptimizerKind::adafactor);
  config.optimizer.weight_decay = 5e-4;
  config.schedule.kind = ScheduleKind::cosine;
  config.schedule.learning_rate = 0.04;
  config.schedule.warmup_steps = 100;
  config.schedule.final_fraction = 0.1;
  config.evaluate_every = 500;
  return config;
}

// Logits of that meaning are sqrt(D) times smaller, so queries have to grow.
TrainConfig full_seed() {
  TrainConfig config = full();
  config.optimizer.weight_decay = optimizer_defaults(OptimizerKind::adafactor).weight_decay;
  config.schedule.learning_rate = 0.06;
  return config;
}

struct Preset {
  const char* name;
  TrainConfig (*make)();
};
constexpr Preset kPresets[] = {{"seed", seed_report}, {"paper", paper}, {"laptop", laptop},
                               {"smoke", smoke},      {"full", full},   {"full-seed", full_seed},
                               {"full-paper", full}};

// Adafactor multiplies parameters by 1 - weight_decay at every step: Adam's usual 0.01 would leave
// nothing of them after a few hundred steps.
constexpr double kMaxAdafactorDecay = 1e-3;

}  // namespace

OptimizerConfig optimizer_defaults(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::fastai_adam:
      return {};
    case OptimizerKind::adamw:
      return {kind, 0.9, 0.999, 1e-8, 0.01};
    case OptimizerKind::adafactor:
      return {kind, 0, 0, 1e-30, 1e-5};  // has no momentum, and its beta2 follows from the step
  }
  REFORMER_CHECK(false);
  return {};
}

const std::vector<std::string>& train_preset_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const Preset& preset : kPresets) out.emplace_back(preset.name);
    return out;
  }();
  return names;
}

TrainConfig train_preset(std::string_view name) {
  for (const Preset& preset : kPresets) {
    if (name == preset.name) return preset.make();
  }
  fail("preset", "expected one of {}, found '{}'{}", internal::join_choices(train_preset_names()),
       name, did_you_mean(name, train_preset_names()));
}

void validate(const TrainConfig& config) {
  TrainConfig copy = config;
  check_settings(settings_of(copy), "train");
  const OptimizerConfig& optimizer = config.optimizer;
  const ScheduleConfig& schedule = config.schedule;
  if (optimizer.kind == OptimizerKind::adafactor && optimizer.weight_decay > kMaxAdafactorDecay) {
    fail(
        "train: weight_decay",
        "expected at most {} for adafactor, which does not multiply it by the learning rate, found "
        "{}; try 1e-5",
        kMaxAdafactorDecay, optimizer.weight_decay);
  }
  const bool rises_once =
      schedule.kind == ScheduleKind::warmup || schedule.kind == ScheduleKind::cosine;
  if (rises_once && schedule.warmup_steps > config.steps) {
    fail("train: warmup_steps", "expected at most the {} steps of the run, found {}; try {}",
         config.steps, schedule.warmup_steps, config.steps / 10);
  }
  if (schedule.kind == ScheduleKind::one_cycle && optimizer.kind == OptimizerKind::fastai_adam &&
      schedule.cycle_beta1 > optimizer.beta1) {
    fail("train: cycle_beta1",
         "expected at most beta1 = {}, since beta1 falls while the rate rises, found {}; try {}",
         optimizer.beta1, schedule.cycle_beta1, optimizer.beta1);
  }
  if (config.target_accuracy > 0 && config.evaluate_every == 0) {
    fail("train: evaluate_every", "expected at least 1 with target_accuracy = {}, found 0; try 200",
         config.target_accuracy);
  }
}

}  // namespace reformer
