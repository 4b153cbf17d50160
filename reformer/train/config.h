// The settings of a training run: the two published recipes are two values of TrainConfig.
// How many threads work is not among them, because it must not change the result.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reformer/base/settings.h"
#include "reformer/math/precision.h"

namespace reformer {

enum class OptimizerKind { fastai_adam, adamw, adafactor };
enum class ScheduleKind { one_cycle, inverse_sqrt, constant, warmup, cosine };
enum class DivergencePolicy { stop, skip };

template <>
struct EnumNames<OptimizerKind> {
  static constexpr std::pair<OptimizerKind, std::string_view> names[] = {
      {OptimizerKind::fastai_adam, "fastai-adam"},
      {OptimizerKind::adamw, "adamw"},
      {OptimizerKind::adafactor, "adafactor"}};
};
template <>
struct EnumNames<ScheduleKind> {
  static constexpr std::pair<ScheduleKind, std::string_view> names[] = {
      {ScheduleKind::one_cycle, "one-cycle"},
      {ScheduleKind::inverse_sqrt, "inverse-sqrt"},
      {ScheduleKind::constant, "constant"},
      {ScheduleKind::warmup, "warmup"},
      {ScheduleKind::cosine, "cosine"}};
};

template <>
struct EnumNames<DivergencePolicy> {
  static constexpr std::pair<DivergencePolicy, std::string_view> names[] = {
      {DivergencePolicy::stop, "stop"}, {DivergencePolicy::skip, "skip"}};
};

struct OptimizerConfig {
  OptimizerKind kind = OptimizerKind::fastai_adam;
  double beta1 = 0.95;
  double beta2 = 0.99;
  double epsilon = 1e-5;
  double weight_decay = 0.01;

  bool operator==(const OptimizerConfig&) const = default;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("optimizer", kind, "rule that turns gradients into steps");
    v("beta1", beta1, between(0, 0.99999),
      "Adam: decay of the mean; one-cycle starts and ends at it");
    v("beta2", beta2, between(0, 0.9999999), "Adam: decay of the mean square");
    v("epsilon", epsilon, between(1e-38, 1), "Adam: added to the root; Adafactor: to the square");
    v("weight_decay", weight_decay, between(0, 1), "per step; times the rate, but for Adafactor");
  }
};

struct ScheduleConfig {
  ScheduleKind kind = ScheduleKind::one_cycle;
  double learning_rate = 1e-3;
  int64_t warmup_steps = 0;
  double cycle_peak = 0.25;
  double cycle_beta1 = 0.85;
  double final_fraction = 0;

  bool operator==(const ScheduleConfig&) const = default;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("schedule", kind, "course of the learning rate");
    v("learning_rate", learning_rate, between(0, 1e3), "highest rate; inverse-sqrt: its factor");
    v("warmup_steps", warmup_steps, at_least(0), "inverse-sqrt, warmup, cosine: steps of the rise");
    v("cycle_peak", cycle_peak, between(0.001, 0.999),
      "one-cycle: part of the run before the peak");
    v("cycle_beta1", cycle_beta1, between(0, 0.99999), "one-cycle: beta1 at the peak");
    v("final_fraction", final_fraction, between(0, 1), "cosine: last rate, as part of the highest");
  }
};

struct TrainConfig {
  int64_t steps = 2000;
  int64_t batch = 16;
  OptimizerConfig optimizer;
  ScheduleConfig schedule;
  double clip_norm = 0;
  int64_t evaluate_every = 200;
  double target_accuracy = 0;
  int64_t checkpoint_every = 200;
  int64_t keep_checkpoints = 3;
  DivergencePolicy on_divergence = DivergencePolicy::stop;
  Precision precision = Precision::fp32;
  int64_t seed = 42;

  bool operator==(const TrainConfig&) const = default;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("steps", steps, at_least(1), "training steps");
    v("batch", batch, between(1, 1 << 20), "sequences in one step B");
    optimizer.visit(v);
    schedule.visit(v);
    v("clip_norm", clip_norm, at_least(0), "largest norm of the gradient; 0 clips nothing");
    v("evaluate_every", evaluate_every, at_least(0),
      "steps between evaluations; 0: at the end only");
    v("target_accuracy", target_accuracy, between(0, 1),
      "stop when an evaluation reaches it; 0: never");
    v("checkpoint_every", checkpoint_every, at_least(0),
      "steps between checkpoints; 0: when it ends or is stopped only");
    v("keep_checkpoints", keep_checkpoints, at_least(1), "newest checkpoints kept beside the best");
    v("on_divergence", on_divergence, "a step that is not finite: stop, or leave it out");
    v("precision", precision, "operands of products in training steps; bf16 needs avx512_bf16");
    v("seed", seed, at_least(0), "seed of parameters, data and rotations");
  }
};

// Settings that files of older programs lack; their defaults do what those programs did.
inline constexpr std::string_view kLaterTrainSettings[] = {"precision"};

// What each optimiser's authors use: the values to start from when an optimiser is chosen by name,
// since no two of them mean the same by `epsilon` and `weight_decay`.
OptimizerConfig optimizer_defaults(OptimizerKind kind);

// "seed" (reformer_fastai's synthetic experiment), "paper" (transformer_copy.gin of tensor2tensor),
// "laptop" (minutes on two cores), "smoke" (seconds: does it run at all), "full", "full-seed" and
// "full-paper" (the published sizes, minutes a model). docs/recipes.md has them.
const std::vector<std::string>& train_preset_names();

// The preset of that name; an unknown name is an Error with the nearest one.
TrainConfig train_preset(std::string_view name);

// Throws Error when a field is out of its range or fields contradict each other.
void validate(const TrainConfig& config);

}  // namespace reformer
