// Trains one model on the duplication task, step by step.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "reformer/base/error.h"
#include "reformer/task/duplication.h"
#include "reformer/train/evaluation.h"
#include "reformer/train/run_config.h"
#include "reformer/train/state_tensor.h"

namespace reformer {

class BatchGradient;
class Optimizer;
struct PassContext;

struct StepReport {
  int64_t step = 0;  // steps done, this one included
  BatchLoss batch;
  double learning_rate = 0;
  double momentum = std::numeric_limits<double>::quiet_NaN();  // beta1 of Adam; Adafactor has none
  double gradient_norm = 0;                                    // before clipping
  bool applied = true;  // false: not finite and left out, by on_divergence
};

// A step whose loss or gradient is not finite. It was not applied.
class Divergence : public Error {
 public:
  explicit Divergence(const StepReport& report);
  const StepReport& report() const { return report_; }

 private:
  StepReport report_;
};

// What a checkpoint must hold beside the arrays of Trainer::state().
struct TrainerProgress {
  int64_t steps = 0;    // done, those left out included
  int64_t updates = 0;  // applied
  int64_t left_out_in_a_row = 0;
  bool operator==(const TrainerProgress&) const = default;
};

class Trainer {
 public:
  // `pool` must outlive the trainer. The number of its threads does not change any result. Throws
  // Error for a configuration that is invalid, or whose precision this CPU does not have.
  Trainer(const RunConfig& config, ThreadPool& pool);
  ~Trainer();

  // One step. A loss or gradient that is not finite leaves the state as it was: by `on_divergence`
  // this throws Divergence, or counts the step as done and goes on; but throws as well when that
  // happens kMostLeftOut times in a row.
  StepReport step();
  static constexpr int64_t kMostLeftOut = 10;
  // Every such step measures attention entropy, in its first sequence.
  static constexpr int64_t kEntropyEvery = 10;

  // All that decides the steps to come: parameters under their names, then the optimiser's memory
  // under "optimizer.NAME", and how far training is. Writing to the views and restoring the
  // progress makes this trainer go on as the other would have, bit for bit.
  std::vector<StateTensor> state();
  TrainerProgress progress() const;
  void restore(const TrainerProgress& progress);

  // Accuracy on the validation examples under `attention`, for the parameters as they are.
  BatchLoss validation_loss(const AttentionChoice& attention);

  // The attention that the model is trained with, with the rotations of validation.
  AttentionChoice own_attention() const;

  const RunConfig& config() const { return config_; }
  int64_t steps_done() const { return steps_; }
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
  std::unique_ptr<BatchGradient> batch_gradient_;
  Workers workers_;
  int64_t steps_ = 0, left_out_in_a_row_ = 0;
};

}  // namespace reformer
