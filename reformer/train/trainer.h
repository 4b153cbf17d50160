// Trains one model on the duplication task, step by step.
#pragma once

#include <memory>
#include <vector>

#include "reformer/task/duplication.h"
#include "reformer/train/batch_gradient.h"
#include "reformer/train/evaluation.h"
#include "reformer/train/optimizer.h"
#include "reformer/train/run_config.h"

namespace reformer {

struct StepReport {
  int64_t step = 0;  // steps done, this one included
  BatchLoss batch;
  double learning_rate = 0;
  double gradient_norm = 0;  // before clipping
};

class Trainer {
 public:
  // `pool` must outlive the trainer. The number of its threads does not change any result.
  Trainer(const RunConfig& config, ThreadPool& pool);

  // One step. A loss or gradient that is not finite throws Error and leaves the parameters as they
  // were.
  StepReport step();

  // Accuracy on the validation examples under `attention`, for the parameters as they are.
  BatchLoss validation_loss(const AttentionChoice& attention);

  // The attention that the model is trained with, with the rotations of validation.
  AttentionChoice own_attention() const;

  const RunConfig& config() const { return config_; }
  int64_t steps_done() const { return optimizer_->steps_done(); }
  bool finished() const { return steps_done() >= config_.train.steps; }
  std::span<const float> parameters() const { return parameters_; }

 private:
  PassContext training_context() const;

  RunConfig config_;
  ThreadPool& pool_;
  Weights weights_;
  DuplicationTask task_;
  std::vector<float> parameters_;
  std::unique_ptr<Optimizer> optimizer_;
  BatchGradient batch_gradient_;
  Workers workers_;
};

}  // namespace reformer
