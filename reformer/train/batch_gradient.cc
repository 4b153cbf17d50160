#include "reformer/train/batch_gradient.h"

#include <algorithm>

#include "reformer/math/rows.h"
#include "reformer/train/blocks.h"

namespace reformer {

BatchGradient::BatchGradient(const ModelConfig& config, const ParameterLayout& layout,
                             int64_t batch)
    : batch_(batch), losses_(static_cast<size_t>(batch)) {
  for (int64_t i = 0; i < std::min(kLanes, batch); ++i) {
    lanes_.push_back(std::make_unique<Gradients>(config, layout));
  }
}

BatchLoss BatchGradient::compute(const Weights& weights, const PassContext& context,
                                 const ExampleSource& source, Workers& workers) {
  const auto lanes = static_cast<int64_t>(lanes_.size());
  workers.each(lanes, batch_, [&](int64_t lane, SequencePass& pass, ExampleBuffer& buffer) {
    Gradients& gradients = *lanes_[static_cast<size_t>(lane)];
    gradients.clear();
    PassContext own = context;
    for (int64_t i = lane; i < batch_; i += lanes) {
      source(i, buffer);
      own.example_index = static_cast<uint32_t>(i);
      own.entropy_rows = i == 0 ? context.entropy_rows : 0;
      const Example example = buffer;
      const double scale = 1 / static_cast<double>(batch_ * example.scored());
      losses_[static_cast<size_t>(i)] = pass.train(weights, own, example, scale, gradients);
    }
  });
  sum_lanes(workers.pool());
  return sum_losses(losses_);
}

void BatchGradient::sum_lanes(ThreadPool& pool) {
  const auto total = static_cast<int64_t>(lanes_[0]->all().size());
  pool.run(block_count(total), [&](int64_t block, int) {
    for (size_t step = 1; step < lanes_.size(); step *= 2) {
      for (size_t lane = 0; lane + step < lanes_.size(); lane += 2 * step) {
        const std::span<float> to = block_of(lanes_[lane]->all(), block);
        const std::span<float> from = block_of(lanes_[lane + step]->all(), block);
        row_add_scaled(to.data(), from.data(), 1, static_cast<int64_t>(to.size()));
      }
    }
  });
}

BatchLoss sum_losses(std::span<const SequenceLoss> losses) {
  BatchLoss total;
  AttentionMeasures attention;
  for (const SequenceLoss& loss : losses) {
    total.loss += loss.loss;
    total.correct += loss.correct;
    total.scored += loss.scored;
    attention.add(loss.attention);
  }
  total.lost_pairs = attention.lost_pairs;
  if (attention.keys_sought > 0) {
    total.hash_recall =
        static_cast<double>(attention.keys_found) / static_cast<double>(attention.keys_sought);
  }
  if (attention.entropies > 0) {
    total.attention_entropy = attention.entropy / static_cast<double>(attention.entropies);
  }
  if (total.scored > 0) total.loss /= static_cast<double>(total.scored);
  return total;
}

}  // namespace reformer
