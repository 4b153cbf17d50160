// The gradient of one batch, with the same bits for any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/model/gradients.h"
#include "reformer/model/sequence_pass.h"
#include "reformer/model/weights.h"
#include "reformer/train/batch_loss.h"
#include "reformer/train/workers.h"

namespace reformer {

BatchLoss sum_losses(std::span<const SequenceLoss> losses);

// Sequences go to fixed lanes: sequence i to lane i mod kLanes, each lane in ascending order with
// its own gradient; then the lanes are summed pairwise. Threads take whole lanes, so how many there
// are changes no sum. More lanes serve more threads and cost memory traffic: 8 is for laptops.
class BatchGradient {
 public:
  static constexpr int64_t kLanes = 8;

  BatchGradient(const ModelConfig& config, const ParameterLayout& layout, int64_t batch);

  // Gradient of the mean loss over all scored rows of the batch. Attention entropies are measured
  // in the first sequence only.
  BatchLoss compute(const Weights& weights, const PassContext& context, const ExampleSource& source,
                    Workers& workers);

  std::span<float> gradient() { return lanes_[0]->all(); }

 private:
  void sum_lanes(ThreadPool& pool);

  int64_t batch_;
  std::vector<std::unique_ptr<Gradients>> lanes_;
  std::vector<SequenceLoss> losses_;  // [B]
};

}  // namespace reformer
