// Loss and accuracy of a model on given examples, under any attention.
#pragma once

#include <cstdint>

#include "reformer/model/attention_choice.h"
#include "reformer/model/weights.h"
#include "reformer/train/batch_loss.h"
#include "reformer/train/workers.h"

namespace reformer {

// Evaluates examples 0 .. count - 1 of `source`. Rotations come from attention.rotation_seed; where
// they vary by step, every kEvaluationBatch examples count as one. The same bits for any number of
// threads.
inline constexpr int64_t kEvaluationBatch = 64;
// Attention entropy is measured in so many rows of each head, of the first sequences only.
inline constexpr int64_t kEntropyRows = 16, kEntropySequences = 8;
BatchLoss evaluate(const Weights& weights, const AttentionChoice& attention,
                   const ExampleSource& source, int64_t count, Workers& workers);

}  // namespace reformer
