#include "reformer/bench/kernel.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "reformer/base/random.h"
#include "reformer/bench/in_turn.h"

namespace reformer {
namespace {

constexpr double kSecondsPerSample = 0.01;

// Calls by all threads at once, so many in a row that starting the threads costs nothing.
struct Team {
  std::vector<KernelCase> cases;  // one for each thread
  int64_t calls = 1;
};

Team make_team(const Kernel& kernel, int threads) {
  Team team;
  for (int i = 0; i < threads; ++i) team.cases.push_back(kernel.make());
  team.calls = calls_that_take(kSecondsPerSample, {kernel.name, team.cases[0].run, 1});
  return team;
}

}  // namespace

void Worst::add(double actual, double expected, double bound) {
  const double difference = std::abs(actual - expected);
  if (difference == 0) return;
  const double deviation = difference / bound;
  // Written so that NaN is caught too.
  if (!(deviation <= worst_)) {
    worst_ = std::isnan(deviation) ? std::numeric_limits<double>::infinity() : deviation;
  }
}

Matrix random_matrix(int64_t rows, int64_t cols, uint64_t stream, float scale) {
  Matrix out(rows, cols);
  const RandomStream random({.seed = stream, .purpose = Purpose::test});
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < cols; ++c) {
      out.row(r)[c] =
          scale * static_cast<float>(random.normal(static_cast<uint64_t>(r * cols + c)));
    }
  }
  return out;
}

void validate(const Kernel& kernel) {
  const KernelCase once = kernel.make();
  once.run();
  const double deviation = once.deviation();
  if (deviation <= 1) return;
  throw std::logic_error(
      fmt::format("kernel '{}' ({}) differs from plain arithmetic by {:.3g} times what rounding "
                  "explains; it was not measured",
                  kernel.name, kernel.shape, deviation));
}

KernelSpeeds measure_kernels(std::span<const Kernel> kernels, int64_t repeats, ThreadPool& pool) {
  for (const Kernel& kernel : kernels) validate(kernel);
  std::vector<Team> teams;
  for (const Kernel& kernel : kernels) teams.push_back(make_team(kernel, pool.size()));
  std::vector<Contestant> contestants;
  for (size_t k = 0; k < kernels.size(); ++k) {
    contestants.push_back({kernels[k].name, [&pool, &team = teams[k]] {
                             pool.run(pool.size(), [&](int64_t i, int) {
                               const KernelCase& own = team.cases[static_cast<size_t>(i)];
                               for (int64_t call = 0; call < team.calls; ++call) own.run();
                             });
                           }});
  }
  const InTurn turns = run_in_turn(contestants, repeats, pool);
  KernelSpeeds result{{}, turns.peak};
  for (size_t k = 0; k < kernels.size(); ++k) {
    const double seconds = turns.seconds[k] / static_cast<double>(teams[k].calls);
    const double calls_per_second = pool.size() / seconds;
    result.kernels.push_back({kernels[k].name, kernels[k].shape, kernels[k].precision,
                              kernels[k].operations, kernels[k].bytes, seconds,
                              kernels[k].operations * calls_per_second,
                              kernels[k].bytes * calls_per_second});
  }
  return result;
}

}  // namespace reformer
