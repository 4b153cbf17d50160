#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "reformer/bench/clock.h"
#include "reformer/bench/in_turn.h"
#include "reformer/bench/machine_speed.h"
#include "reformer/bench/peak_memory.h"

namespace reformer {
namespace {

// Works for about `milliseconds` of processor time.
void work(double milliseconds) {
  const double begin = process_seconds();
  while (process_seconds() - begin < 1e-3 * milliseconds) {
  }
}

TEST(Clock, SeesWork) {
  const Elapsed elapsed = time_of([] { work(20); });
  EXPECT_GE(elapsed.seconds, 0.019);
  EXPECT_GE(elapsed.thread_seconds, 0.015);
  EXPECT_LE(elapsed.thread_seconds, elapsed.seconds + 0.001);
}

TEST(Median, IsInTheMiddle) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({7}), 7);
  EXPECT_THROW(median({}), std::logic_error);
}

TEST(InTurn, RunsEverybodyInEachRepeat) {
  ThreadPool pool(1);
  std::string order;
  const std::vector<Contestant> contestants = {{"a", [&] { order += 'a'; }, 2},
                                               {"b", [&] { order += 'b'; }}};
  const InTurn turns = run_in_turn(contestants, 3, pool);
  EXPECT_EQ(order, "aabaabaab");
  EXPECT_EQ(turns.seconds.size(), 2u);
  EXPECT_GT(turns.peak, 1e8);
}

TEST(InTurn, SecondsAreOfOneCall) {
  ThreadPool pool(1);
  InTurn turns;
  const Elapsed all = time_of(
      [&] { turns = run_in_turn(std::vector<Contestant>{{"a", [] { work(5); }, 10}}, 3, pool); });
  EXPECT_GE(turns.seconds[0], 0.0049);
  EXPECT_LE(10 * turns.seconds[0], all.seconds);
}

TEST(InTurn, CallsTakeTheTimeAskedFor) {
  const int64_t calls = calls_that_take(0.02, {"a", [] { work(1); }});
  EXPECT_GE(calls, 2);
  EXPECT_LE(calls, 20);
}

TEST(MachineSpeed, IsPlausible) {
  ThreadPool pool(2);
  EXPECT_GT(sample_peak(pool), 1e8);
  EXPECT_LT(sample_peak(pool), 1e15);
  EXPECT_GT(sample_bandwidth(pool), 1e7);
  EXPECT_LT(sample_bandwidth(pool), 1e13);
}

TEST(PeakMemory, SeesAnAllocationAndForgetsIt) {
  constexpr size_t kBytes = size_t{64} << 20;
  std::optional<int64_t> with = peak_memory_of([] {
    std::vector<char> touched(kBytes, 1);
    volatile char seen = touched[kBytes / 2];
    static_cast<void>(seen);
  });
  std::optional<int64_t> without = peak_memory_of([] {});
  if (!with || !without) GTEST_SKIP() << "this system does not say how much memory is in use";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer keeps freed memory";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "a sanitizer keeps freed memory";
#endif
#endif
  EXPECT_GE(*with - *without, static_cast<int64_t>(kBytes * 9 / 10));
  EXPECT_LE(*with - *without, static_cast<int64_t>(kBytes * 11 / 10));
}

}  // namespace
}  // namespace reformer
