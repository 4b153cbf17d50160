#include "reformer/train/trainer.h"

#include <cmath>

#include "reformer/base/error.h"
#include "reformer/train/clip.h"
#include "reformer/train/schedule.h"

namespace reformer {

Trainer::Trainer(const RunConfig& config, ThreadPool& pool)
    : config_(config),
      pool_(pool),
      weights_((validate(config), config.model)),
      task_(config.task, config.model.length, config.model.input_shift,
            static_cast<uint64_t>(config.train.seed)),
      parameters_(initial_parameters(config.model, static_cast<uint64_t>(config.train.seed))),
      optimizer_(make_optimizer(config.train.optimizer, weights_.layout())),
      batch_gradient_(config.model, weights_.layout(), config.train.batch),
      workers_(config.model, pool) {}

PassContext Trainer::training_context() const {
  const auto seed = static_cast<uint64_t>(config_.train.seed);
  return {.attention = attention_of(config_.model, seed),
          .dropout_seed = seed,
          .dropout = config_.model.dropout,
          .step = static_cast<uint64_t>(steps_done())};
}

StepReport Trainer::step() {
  const int64_t step = steps_done();
  weights_.prepare(parameters_);
  StepReport report;
  report.step = step + 1;
  report.batch = batch_gradient_.compute(
      weights_, training_context(),
      [&](int64_t i, ExampleBuffer& out) {
        task_.training_example(step, config_.train.batch, i, out);
      },
      workers_);
  const StepRates rates = rates_at(config_.train, step);
  report.learning_rate = rates.learning_rate;
  report.gradient_norm = clip_gradients(batch_gradient_.gradient(), config_.train.clip_norm, pool_);
  if (!std::isfinite(report.batch.loss) || !std::isfinite(report.gradient_norm)) {
    fail("train",
         "expected finite numbers, found loss {} and gradient norm {} at step {}; "
         "try a lower --learning-rate or --clip-norm 1",
         report.batch.loss, report.gradient_norm, report.step);
  }
  optimizer_->step(parameters_, batch_gradient_.gradient(), rates, pool_);
  return report;
}

AttentionChoice Trainer::own_attention() const {
  return attention_of(config_.model, evaluation_rotation_seed(config_));
}

BatchLoss Trainer::validation_loss(const AttentionChoice& attention) {
  weights_.prepare(parameters_);
  return evaluate(
      weights_, attention, [&](int64_t i, ExampleBuffer& out) { task_.validation_example(i, out); },
      task_.validation_rows(), workers_);
}

}  // namespace reformer
