// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019), in two forms:
// fastai's, whose beta1 moves with the schedule, and AdamW, whose beta1 is that of its settings.
#pragma once

#include <vector>

#include "reformer/train/optimizer.h"

namespace reformer {

class Adam : public Optimizer {
 public:
  Adam(const OptimizerConfig& config, const ParameterLayout& layout);

  std::vector<StateTensor> state() override;

 private:
  struct Block {
    int64_t offset;
    int64_t size;
    bool decays;
  };

  // With s the number of the step, both moments starting at 0 and fastai's order of operations:
  //   p *= 1 - lr * weight_decay        unless p is a bias or of a norm
  //   m = beta1 m + (1 - beta1) g       v = beta2 v + (1 - beta2) g^2
  //   p -= lr / (1 - beta1^s) * m / (sqrt(v / (1 - beta2^s)) + epsilon)
  // beta1^s takes the current beta1 for all past steps too, as fastai's does.
  void update(std::span<float> parameters, std::span<const float> gradients, const StepRates& rates,
              int64_t count, ThreadPool& pool) override;

  OptimizerConfig config_;
  std::vector<ParameterInfo> parameters_;
  std::vector<Block> blocks_;
  std::vector<float> first_moment_;
  std::vector<float> second_moment_;
};

}  // namespace reformer
