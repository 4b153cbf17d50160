#include "reformer/base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace reformer {
namespace {

TEST(HardwareThreads, AtLeastOne) { EXPECT_GE(hardware_threads(), 1); }

TEST(ThreadPool, NeedsAThread) { EXPECT_THROW(ThreadPool(0), std::logic_error); }

class ThreadPoolOf : public testing::TestWithParam<int> {
 protected:
  ThreadPool pool_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolOf, testing::Values(1, 2, 3));

TEST_P(ThreadPoolOf, EveryIndexOnceAndWorkersInRange) {
  EXPECT_EQ(pool_.size(), GetParam());
  for (const int64_t count : {0, 1, 2, 3, 1000}) {
    std::vector<std::atomic<int>> calls(static_cast<size_t>(count));
    std::atomic<int> bad_workers = 0;
    pool_.run(count, [&](int64_t index, int worker) {
      ++calls.at(static_cast<size_t>(index));
      if (worker < 0 || worker >= pool_.size()) ++bad_workers;
    });
    for (const auto& c : calls) EXPECT_EQ(c, 1);
    EXPECT_EQ(bad_workers, 0);
  }
}

TEST_P(ThreadPoolOf, AWorkerIsNeverInTwoTasksAtOnce) {
  std::vector<std::atomic<int>> inside(static_cast<size_t>(pool_.size()));
  std::atomic<int> overlaps = 0;
  pool_.run(2000, [&](int64_t, int worker) {
    if (inside.at(static_cast<size_t>(worker))++ != 0) ++overlaps;
    std::this_thread::yield();
    --inside[static_cast<size_t>(worker)];
  });
  EXPECT_EQ(overlaps, 0);
}

TEST_P(ThreadPoolOf, AllThreadsWorkAtOnce) {
  std::atomic<int> arrived = 0;
  std::atomic<bool> all_met = true;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  pool_.run(pool_.size(), [&](int64_t, int) {
    ++arrived;
    while (arrived < pool_.size()) {
      if (std::chrono::steady_clock::now() > deadline) {
        all_met = false;
        return;
      }
      std::this_thread::yield();
    }
  });
  EXPECT_TRUE(all_met);
}

// No task may be missed, run twice or seen by a worker that is still at the last run's work.
TEST_P(ThreadPoolOf, ThousandsOfShortRuns) {
  for (int64_t run = 0; run < 5000; ++run) {
    std::atomic<int64_t> sum = 0;
    pool_.run(run % 5, [&](int64_t index, int) { sum += run * 10 + index; });
    const int64_t count = run % 5;
    ASSERT_EQ(sum, count * run * 10 + count * (count - 1) / 2) << run;
  }
}

TEST_P(ThreadPoolOf, TheExceptionOfTheLowestIndexArrivesAndThePoolSurvives) {
  for (int attempt = 0; attempt < 200; ++attempt) {
    std::atomic<int> inside = 0;
    try {
      pool_.run(100, [&](int64_t index, int) {
        ++inside;
        // Index 5 reports late, after those that other threads take.
        if (index == 5) std::this_thread::sleep_for(std::chrono::microseconds(200));
        --inside;
        if (index >= 5) throw std::runtime_error(std::to_string(index));
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "5");
    }
    EXPECT_EQ(inside, 0);
  }
  std::atomic<int> calls = 0;
  pool_.run(10, [&](int64_t, int) { ++calls; });
  EXPECT_EQ(calls, 10);
}

TEST_P(ThreadPoolOf, NothingIsStartedAfterAnException) {
  std::atomic<int64_t> started = 0;
  EXPECT_THROW(pool_.run(int64_t{1} << 40,
                         [&](int64_t, int) {
                           ++started;
                           throw std::runtime_error("stop");
                         }),
               std::runtime_error);
  EXPECT_LE(started, pool_.size());
}

TEST_P(ThreadPoolOf, NestedRunIsALogicError) {
  EXPECT_THROW(pool_.run(1, [&](int64_t, int) { pool_.run(1, [](int64_t, int) {}); }),
               std::logic_error);
  // Another pool is another matter.
  std::atomic<int> calls = 0;
  pool_.run(3, [&](int64_t, int) {
    ThreadPool inner(2);
    inner.run(4, [&](int64_t, int) { ++calls; });
  });
  EXPECT_EQ(calls, 12);
}

}  // namespace
}  // namespace reformer
