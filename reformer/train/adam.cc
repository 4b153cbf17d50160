#include "reformer/train/adam.h"

#include <cmath>

#include "reformer/train/blocks.h"

namespace reformer {
namespace {

// Everything of a step that is the same for all elements.
struct Coefficients {
  float keep;  // 1 - lr * weight_decay, or 1
  float beta1, one_minus_beta1;
  float beta2, one_minus_beta2;
  float root_scale;  // sqrt(v / debias2) = sqrt(v) * root_scale
  float epsilon;
  float step;  // lr / debias1
};

void update_block(int64_t n, const Coefficients& c, const float* __restrict g, float* __restrict p,
                  float* __restrict m, float* __restrict v) {
  const Coefficients k = c;
  for (int64_t i = 0; i < n; ++i) {
    const float mean = k.beta1 * m[i] + k.one_minus_beta1 * g[i];
    const float square = k.beta2 * v[i] + k.one_minus_beta2 * g[i] * g[i];
    m[i] = mean;
    v[i] = square;
    p[i] = k.keep * p[i] - k.step * mean / (std::sqrt(square) * k.root_scale + k.epsilon);
  }
}

}  // namespace

Adam::Adam(const OptimizerConfig& config, const ParameterLayout& layout)
    : Optimizer(layout.total_size()),
      config_(config),
      parameters_(layout.all().begin(), layout.all().end()),
      first_moment_(static_cast<size_t>(layout.total_size())),
      second_moment_(first_moment_.size()) {
  for (const ParameterInfo& parameter : parameters_) {
    for (int64_t begin = 0; begin < parameter.size; begin += kBlockSize) {
      blocks_.push_back({parameter.offset + begin, std::min(kBlockSize, parameter.size - begin),
                         parameter.decays});
    }
  }
}

std::vector<StateTensor> Adam::state() {
  std::vector<StateTensor> tensors;
  for (const auto& [prefix, values] : {std::pair("first_moment.", std::span(first_moment_)),
                                       std::pair("second_moment.", std::span(second_moment_))}) {
    for (const ParameterInfo& parameter : parameters_) {
      tensors.push_back({prefix + parameter.name, parameter.shape,
                         values.subspan(static_cast<size_t>(parameter.offset),
                                        static_cast<size_t>(parameter.size))});
    }
  }
  return tensors;
}

void Adam::update(std::span<float> parameters, std::span<const float> gradients,
                  const StepRates& rates, int64_t count, ThreadPool& pool) {
  const double beta1 = config_.kind == OptimizerKind::adamw ? config_.beta1 : rates.beta1;
  const double beta2 = config_.beta2;
  const double debias1 = 1 - std::pow(beta1, static_cast<double>(count));
  const double debias2 = 1 - std::pow(beta2, static_cast<double>(count));
  Coefficients decayed;
  decayed.keep = static_cast<float>(1 - rates.learning_rate * config_.weight_decay);
  decayed.beta1 = static_cast<float>(beta1);
  decayed.one_minus_beta1 = static_cast<float>(1 - beta1);
  decayed.beta2 = static_cast<float>(beta2);
  decayed.one_minus_beta2 = static_cast<float>(1 - beta2);
  decayed.root_scale = static_cast<float>(1 / std::sqrt(debias2));
  decayed.epsilon = static_cast<float>(config_.epsilon);
  decayed.step = static_cast<float>(rates.learning_rate / debias1);
  Coefficients plain = decayed;
  plain.keep = 1;

  pool.run(static_cast<int64_t>(blocks_.size()), [&](int64_t index, int) {
    const Block& block = blocks_[static_cast<size_t>(index)];
    update_block(block.size, block.decays ? decayed : plain, gradients.data() + block.offset,
                 parameters.data() + block.offset, first_moment_.data() + block.offset,
                 second_moment_.data() + block.offset);
  });
}

}  // namespace reformer
