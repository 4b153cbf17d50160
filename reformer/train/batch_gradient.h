// The gradient of one batch, with the same bits for any number of threads.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/model/gradients.h"
#include "reformer/model/sequence_pass.h"
#include "reformer/model/weights.h"

namespace reformer {

// Writes example `index` of a batch or of an evaluation. Called from several threads at once.
using ExampleSource = std::function<void(int64_t index, ExampleBuffer& out)>;

// Of all examples together.
struct BatchLoss {
  double loss = 0;  // mean over scored rows
  int64_t correct = 0;
  int64_t scored = 0;
  int64_t lost_pairs = 0;
  // Part of the scored rows, over layers and heads, that share a bucket with the position that
  // holds their answer; NaN under full attention.
  double hash_recall = std::numeric_limits<double>::quiet_NaN();
  // Mean over layers, heads and the rows in which it is measured; NaN where it is in none.
  double attention_entropy = std::numeric_limits<double>::quiet_NaN();
  double accuracy() const {
    return scored == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(scored);
  }
};

BatchLoss sum_losses(std::span<const SequenceLoss> losses);

// One pass and one example buffer for each thread of a pool.
class Workers {
 public:
  Workers(const ModelConfig& config, ThreadPool& pool);

  ThreadPool& pool() { return pool_; }

  // Calls task(i, pass, buffer) for every i in [0, count), of which each is one of `sequences` or
  // some of them: in threads of the pool, or one after the other with a pass that all threads work
  // in. The bits are the same.
  using Task = std::function<void(int64_t i, SequencePass& pass, ExampleBuffer& buffer)>;
  void each(int64_t count, int64_t sequences, const Task& task);

 private:
  bool share(int64_t sequences) const;

  ModelConfig config_;
  ThreadPool& pool_;
  std::vector<std::unique_ptr<SequencePass>> passes_;
  std::unique_ptr<SequencePass> pass_of_all_;  // once it was asked for
  std::vector<ExampleBuffer> buffers_;
};

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
