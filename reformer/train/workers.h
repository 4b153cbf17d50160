// The threads that go through a batch, each with memory of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/model/config.h"
#include "reformer/model/example.h"

namespace reformer {

class SequencePass;

// One pass and one example buffer for each thread of a pool.
class Workers {
 public:
  // `pool` must outlive the workers.
  Workers(const ModelConfig& config, ThreadPool& pool);
  ~Workers();

  ThreadPool& pool() { return pool_; }

  // Calls task(i, pass, buffer) for every i in [0, count), of which each is one of `sequences` or
  // some of them: in threads of the pool, or one after the other with a pass that all threads work
  // in, where sequences are few or very long. The bits are the same.
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

}  // namespace reformer
