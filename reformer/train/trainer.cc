#include "reformer/train/trainer.h"

#include <cmath>

#include "reformer/base/error.h"
#include "reformer/train/batch_gradient.h"
#include "reformer/train/clip.h"
#include "reformer/train/optimizer.h"
#include "reformer/train/schedule.h"

namespace reformer {
namespace {

std::string divergence_text(const StepReport& report) {
  return fmt::format(
      "[train] expected finite numbers, found loss {} and gradient norm {} at step {}; "
      "try a lower --learning-rate or --clip-norm 1",
      report.batch.loss, report.gradient_norm, report.step);
}

}  // namespace

Divergence::Divergence(const StepReport& report)
    : Error(divergence_text(report)), report_(report) {}

Trainer::Trainer(const RunConfig& config, ThreadPool& pool)
    : config_(config),
      pool_(pool),
      weights_((validate(config), require_native(config.train.precision), config.model),
               config.train.precision),
      task_(task_of(config)),
      parameters_(initial_parameters(config.model, static_cast<uint64_t>(config.train.seed))),
      optimizer_(make_optimizer(config.train.optimizer, weights_.layout())),
      batch_gradient_(
          std::make_unique<BatchGradient>(config.model, weights_.layout(), config.train.batch)),
      workers_(config.model, pool) {}

Trainer::~Trainer() = default;

PassContext Trainer::training_context() const {
  const auto seed = static_cast<uint64_t>(config_.train.seed);
  return {.attention = attention_of(config_.model, seed),
          .dropout_seed = seed,
          .dropout = config_.model.dropout,
          .step = static_cast<uint64_t>(steps_done()),
          .entropy_rows = (steps_done() + 1) % kEntropyEvery == 0 ? kEntropyRows : 0};
}

StepReport Trainer::step() {
  const int64_t step = steps_done();
  weights_.prepare(parameters_);
  StepReport report;
  report.step = step + 1;
  report.batch = batch_gradient_->compute(
      weights_, training_context(),
      [&](int64_t i, ExampleBuffer& out) {
        task_.training_example(step, config_.train.batch, i, out);
      },
      workers_);
  const StepRates rates = rates_at(config_.train, step);
  report.learning_rate = rates.learning_rate;
  if (config_.train.optimizer.kind == OptimizerKind::fastai_adam) report.momentum = rates.beta1;
  if (config_.train.optimizer.kind == OptimizerKind::adamw) {
    report.momentum = config_.train.optimizer.beta1;
  }
  report.gradient_norm =
      clip_gradients(batch_gradient_->gradient(), config_.train.clip_norm, pool_);
  report.applied = std::isfinite(report.batch.loss) && std::isfinite(report.gradient_norm);
  if (!report.applied) {
    if (config_.train.on_divergence == DivergencePolicy::stop ||
        left_out_in_a_row_ + 1 >= kMostLeftOut) {
      throw Divergence(report);
    }
    ++left_out_in_a_row_;
    ++steps_;
    return report;
  }
  optimizer_->step(parameters_, batch_gradient_->gradient(), rates, pool_);
  left_out_in_a_row_ = 0;
  ++steps_;
  return report;
}

std::vector<StateTensor> Trainer::state() {
  std::vector<StateTensor> tensors;
  for (const ParameterInfo& p : weights_.layout().all()) {
    tensors.push_back({p.name, p.shape,
                       std::span(parameters_)
                           .subspan(static_cast<size_t>(p.offset), static_cast<size_t>(p.size))});
  }
  for (StateTensor& tensor : optimizer_->state()) {
    tensors.push_back({"optimizer." + tensor.name, std::move(tensor.shape), tensor.values});
  }
  return tensors;
}

TrainerProgress Trainer::progress() const {
  return {steps_, optimizer_->steps_done(), left_out_in_a_row_};
}

void Trainer::restore(const TrainerProgress& progress) {
  REFORMER_CHECK(0 <= progress.updates && progress.updates <= progress.steps);
  REFORMER_CHECK(0 <= progress.left_out_in_a_row);
  steps_ = progress.steps;
  left_out_in_a_row_ = progress.left_out_in_a_row;
  optimizer_->set_steps_done(progress.updates);
}

AttentionChoice Trainer::own_attention() const {
  return attention_of(config_.model, evaluation_rotation_seed(config_));
}

BatchLoss Trainer::validation_loss(const AttentionChoice& attention) {
  // In fp32 whatever the precision of training: it is the parameters that are evaluated, and `eval`
  // finds the same on any CPU.
  Weights weights(config_.model);
  weights.prepare(parameters_);
  return evaluate(
      weights, attention, [&](int64_t i, ExampleBuffer& out) { task_.validation_example(i, out); },
      task_.validation_rows(), workers_);
}

}  // namespace reformer
