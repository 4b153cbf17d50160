#include "reformer/train/evaluation.h"

namespace reformer {

BatchLoss evaluate(const Weights& weights, const AttentionChoice& attention,
                   const ExampleSource& source, int64_t count, Workers& workers) {
  std::vector<SequenceLoss> losses(static_cast<size_t>(count));
  workers.pool().run(count, [&](int64_t i, int worker) {
    PassContext context;
    context.attention = attention;
    context.step = static_cast<uint64_t>(i / kEvaluationBatch);
    context.example_index = static_cast<uint32_t>(i % kEvaluationBatch);
    context.entropy_rows = i < kEntropySequences ? kEntropyRows : 0;
    ExampleBuffer& buffer = workers.buffer(worker);
    source(i, buffer);
    losses[static_cast<size_t>(i)] = workers.pass(worker).evaluate(weights, context, buffer);
  });
  return sum_losses(losses);
}

}  // namespace reformer
