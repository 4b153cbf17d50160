#include "reformer/train/gradient_signal.h"

#include <cmath>
#include <limits>

#include "reformer/base/error.h"
#include "reformer/train/blocks.h"
#include "reformer/train/clip.h"
#include "reformer/train/evaluation.h"

namespace reformer {
namespace {

// Sums over sequences: of the gradients, element by element, and of their squared norms.
class Sums {
 public:
  explicit Sums(const ParameterLayout& layout)
      : layout_(layout),
        total_(static_cast<size_t>(layout.total_size())),
        squares_(layout.all().size()) {}

  void add(std::span<const float> gradient) {
    for (size_t p = 0; p < squares_.size(); ++p) {
      squares_[p] += sum_of_squares(part(gradient, layout_.all()[p]));
    }
    for (size_t i = 0; i < total_.size(); ++i) total_[i] += static_cast<double>(gradient[i]);
  }

  GradientSignal signal(size_t p, std::span<const float> parameters, int64_t count) const {
    const ParameterInfo& info = layout_.all()[p];
    const auto n = static_cast<double>(count);
    const double* total = total_.data() + info.offset;
    // |g_1 + .. + g_N|^2 is N squares and N (N - 1) products of two different ones.
    const double together = lane_sum(info.size, [=](int64_t i) { return total[i] * total[i]; });
    GradientSignal signal;
    signal.name = info.name;
    signal.size = info.size;
    signal.parameter_norm = std::sqrt(sum_of_squares(part(parameters, info)));
    signal.mean_norm = std::sqrt(together) / n;
    signal.sequence_norm = std::sqrt(squares_[p] / n);
    signal.agreement = squares_[p] > 0 ? (together - squares_[p]) / ((n - 1) * squares_[p])
                                       : std::numeric_limits<double>::quiet_NaN();
    return signal;
  }

 private:
  static std::span<const float> part(std::span<const float> all, const ParameterInfo& info) {
    return all.subspan(static_cast<size_t>(info.offset), static_cast<size_t>(info.size));
  }

  const ParameterLayout& layout_;
  std::vector<double> total_;
  std::vector<double> squares_;  // by parameter
};

}  // namespace

GradientSignals gradient_signals(const ModelConfig& config, const std::vector<float>& parameters,
                                 const PassContext& context, const ExampleSource& source,
                                 int64_t count, ThreadPool& pool) {
  REFORMER_CHECK(count >= 2);
  Weights weights(config);
  weights.prepare(parameters);
  Workers workers(config, pool);
  Gradients gradients(config, weights.layout());
  Sums sums(weights.layout());
  std::vector<SequenceLoss> losses(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    gradients.clear();
    // One at a time, all threads in it: a gradient of every sequence at once would be much memory.
    workers.each(1, 1, [&](int64_t, SequencePass& pass, ExampleBuffer& buffer) {
      source(i, buffer);
      PassContext own = context;
      own.example_index = static_cast<uint32_t>(i);
      own.entropy_rows = i < kEntropySequences ? kEntropyRows : 0;
      const Example example = buffer;
      const double scale = 1 / static_cast<double>(example.scored());
      losses[static_cast<size_t>(i)] = pass.train(weights, own, example, scale, gradients);
    });
    if (!std::isfinite(gradient_norm(gradients.all(), pool))) {
      fail("gradients", "expected a finite gradient, found one that is not, of sequence {}", i);
    }
    sums.add(gradients.all());
  }
  GradientSignals signals;
  signals.loss = sum_losses(losses);
  for (size_t p = 0; p < weights.layout().all().size(); ++p) {
    signals.parameters.push_back(sums.signal(p, parameters, count));
  }
  return signals;
}

}  // namespace reformer
