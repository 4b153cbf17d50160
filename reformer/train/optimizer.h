// Turns gradients into steps. An optimiser owns its moments; everything else of a step - learning
// rate, momentum - comes from the schedule.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/model/parameters.h"
#include "reformer/train/config.h"
#include "reformer/train/schedule.h"
#include "reformer/train/state_tensor.h"

namespace reformer {

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // Updates `parameters` in place. Both arrays lie in the order of the layout and must not overlap.
  // The same bits for any number of threads.
  void step(std::span<float> parameters, std::span<const float> gradients, const StepRates& rates,
            ThreadPool& pool);

  // All that a checkpoint must hold beside steps_done(), in the order of the layout. Writing to the
  // views restores it.
  virtual std::vector<StateTensor> state() = 0;

  int64_t steps_done() const { return steps_done_; }
  void set_steps_done(int64_t steps) { steps_done_ = steps; }

 protected:
  explicit Optimizer(int64_t total_size) : total_size_(total_size) {}

 private:
  // `count` is the number of this step, from 1.
  virtual void update(std::span<float> parameters, std::span<const float> gradients,
                      const StepRates& rates, int64_t count, ThreadPool& pool) = 0;

  int64_t total_size_;
  int64_t steps_done_ = 0;
};

// The optimiser of `config` for parameters of that layout, with empty memory.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerConfig& config,
                                          const ParameterLayout& layout);

}  // namespace reformer
