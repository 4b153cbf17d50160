#include "reformer/bench/machine_speed.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "reformer/bench/clock.h"
#include "reformer/math/bf16.h"
#include "reformer/math/peak.h"

namespace reformer {
namespace {

void triad(float* a, const float* b, const float* c, float s, int64_t n) {
  for (int64_t i = 0; i < n; ++i) a[i] = b[i] + s * c[i];
}

constexpr int64_t kRounds = 2'000'000;  // about 10 ms

double sample(double (*loop)(int64_t), int64_t rounds, ThreadPool& pool) {
  std::vector<double> done(static_cast<size_t>(pool.size()));
  const Elapsed elapsed = time_of([&] {
    pool.run(pool.size(), [&](int64_t i, int) { done[static_cast<size_t>(i)] = loop(rounds); });
  });
  return std::accumulate(done.begin(), done.end(), 0.0) / elapsed.seconds;
}

}  // namespace

double sample_peak(ThreadPool& pool) { return sample(run_multiply_adds, kRounds, pool); }

std::optional<double> sample_bf16_peak(ThreadPool& pool) {
  if (!bf16_is_native()) return std::nullopt;
  return sample(run_bf16_multiply_adds, kRounds, pool);
}

double sample_bandwidth(ThreadPool& pool) {
  constexpr int64_t kFloats = int64_t{16} << 20;  // 64 MiB, more than caches hold
  constexpr int64_t kBlock = int64_t{1} << 20;
  std::vector<float> a(kFloats, 0.0F), b(kFloats, 1.0F), c(kFloats, 2.0F);
  double best = 0;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const Elapsed elapsed = time_of([&] {
      pool.run(kFloats / kBlock, [&](int64_t block, int) {
        const int64_t at = block * kBlock;
        triad(a.data() + at, b.data() + at, c.data() + at, 0.5F, kBlock);
      });
    });
    best = std::max(best, 12.0 * static_cast<double>(kFloats) / elapsed.seconds);
  }
  return best;
}

}  // namespace reformer
