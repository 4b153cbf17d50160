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

// In how many passes two tasks ran, which wait for each other: long where they should meet.
int passes_of(int64_t length, int threads, int64_t sequences, int expected) {
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
    const std::chrono::milliseconds patience(expected > 1 ? 60'000 : 100);
    const auto end = std::chrono::steady_clock::now() + patience;
    while (begun < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  });
  EXPECT_EQ(begun, 2);
  return static_cast<int>(passes.size());
}

TEST(WorkersThreads, FewOrVeryLongSequencesAreSharedByAll) {
  struct Case {
    int64_t length;
    int threads;
    int64_t sequences;
    int passes;
    const char* reason;
  };
  for (const Case& c :
       {Case{1024, 2, 2, 2, "one for each thread"}, Case{1024, 2, 1, 1, "fewer than threads"},
        Case{64, 2, 1, 2, "too short to be cut"}, Case{8192, 2, 2, 1, "too long for the cache"},
        Case{8192, 3, 3, 2, "parts would be short"}, Case{8192, 1, 2, 1, "by the only thread"}}) {
    EXPECT_EQ(passes_of(c.length, c.threads, c.sequences, c.passes), c.passes) << c.reason;
  }
}

}  // namespace
}  // namespace reformer::test
