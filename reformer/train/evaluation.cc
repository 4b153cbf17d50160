#include "reformer/train/evaluation.h"

#include "reformer/train/batch_gradient.h"

namespace reformer {

BatchLoss evaluate(const Weights& weights, const AttentionChoice& attention,
                   const ExampleSource& source, int64_t count, Workers& workers) {
  std::vector<SequenceLoss> losses(static_cast<size_t>(count));
  workers.each(count, count, [&](int64_t i, SequencePass& pass, ExampleBuffer& buffer) {
    PassContext context;
    context.attention = attention;
    context.step = static_cast<uint64_t>(i / kEvaluationBatch);
    context.example_index = static_cast<uint32_t>(i % kEvaluationBatch);
    context.entropy_rows = i < kEntropySequences ? kEntropyRows : 0;
    source(i, buffer);
    losses[static_cast<size_t>(i)] = pass.evaluate(weights, context, buffer);
  });
  return sum_losses(losses);
}

}  // namespace reformer
