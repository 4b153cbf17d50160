#include "reformer/train/optimizer.h"

#include "reformer/base/error.h"
#include "reformer/train/adafactor.h"
#include "reformer/train/adam.h"

namespace reformer {

void Optimizer::step(std::span<float> parameters, std::span<const float> gradients,
                     const StepRates& rates, ThreadPool& pool) {
  REFORMER_CHECK(static_cast<int64_t>(parameters.size()) == total_size_);
  REFORMER_CHECK(gradients.size() == parameters.size());
  update(parameters, gradients, rates, steps_done_ + 1, pool);
  ++steps_done_;
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerConfig& config,
                                          const ParameterLayout& layout) {
  if (config.kind == OptimizerKind::adafactor) return std::make_unique<Adafactor>(config, layout);
  return std::make_unique<Adam>(config, layout);
}

}  // namespace reformer
