#include "reformer/train/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "reformer/model/sequence_pass.h"
#include "tests/train/tiny_run.h"

namespace reformer::test {
namespace {

ModelConfig of_length(int64_t length) {
  ModelConfig config = tiny_run(AttentionKind::lsh).model;
  config.length = length;
  return config;
}

// How many tasks ran at the same time, of two that wait a while for each other.
int together(int64_t length, int threads, int64_t sequences) {
  ThreadPool pool(threads);
  Workers workers(of_length(length), pool);
  std::atomic<int> begun = 0;
  std::mutex mutex;
  std::set<const SequencePass*> passes;
  workers.each(2, sequences, [&](int64_t, SequencePass& pass, ExampleBuffer&) {
    {
      const std::lock_guard lock(mutex);
      passes.insert(&pass);
    }
    ++begun;
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
    while (begun < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  });
  EXPECT_EQ(begun, 2);
  return static_cast<int>(passes.size());
}

TEST(WorkersThreads, FewOrVeryLongSequencesAreSharedByAll) {
  EXPECT_EQ(together(1024, 2, 2), 2);
  EXPECT_EQ(together(1024, 2, 1), 1) << "fewer than threads";
  EXPECT_EQ(together(64, 2, 1), 2) << "too short to be cut";
  EXPECT_EQ(together(8192, 2, 2), 1) << "too long for the cache";
  EXPECT_EQ(together(8192, 3, 3), 2);
  EXPECT_EQ(together(8192, 1, 2), 1) << "by the only thread";
}

}  // namespace
}  // namespace reformer::test
