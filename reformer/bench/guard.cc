#include "reformer/bench/guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <memory>

#include "reformer/base/error.h"
#include "reformer/base/host.h"
#include "reformer/bench/bench_plan.h"
#include "reformer/bench/clock.h"
#include "reformer/bench/counts.h"
#include "reformer/bench/kernels.h"
#include "reformer/math/peak.h"
#include "reformer/math/target.h"
#include "reformer/train/trainer.h"

namespace reformer {
namespace {

constexpr double kSecondsPerGuardSample = 0.005;
constexpr int64_t kPeakRounds = 500'000;  // a few milliseconds
constexpr int64_t kBatch = 2;

// CPUs differ in how much of their peak they can feed with data; half of what the slowest of them
// reaches is below this.
constexpr double kLeastOfProduct = 0.45;
constexpr double kLeastOfStep = 0.25;

// A step by one thread. The pool has to live as long as the trainer.
Subject of_step(const std::string& attention) {
  const RunConfig config = bench_config("seed", attention, 0, kBatch);
  auto pool = std::make_shared<ThreadPool>(1);
  auto trainer = std::make_shared<Trainer>(config, *pool);
  const int64_t scored = trainer->step().batch.scored / kBatch;
  const double operations =
      kBatch * training_operations(config.model, trainer->own_attention(), scored);
  return {{"training step, " + attention, [pool, trainer] { trainer->step(); }, 1},
          operations,
          kLeastOfStep};
}

// "key : value" of /proc/cpuinfo.
std::string cpu_field(const std::string& key) {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const size_t colon = line.find(':');
    if (line.starts_with(key + "\t") && colon + 2 <= line.size()) return line.substr(colon + 2);
  }
  return "?";
}

}  // namespace

Subject subject_of(const Kernel& kernel, double least_fraction) {
  validate(kernel);
  Subject subject{{kernel.name, kernel.make().run, 1}, kernel.operations, least_fraction};
  subject.contestant.calls = calls_that_take(kSecondsPerGuardSample, subject.contestant);
  return subject;
}

CostMeter::CostMeter(std::vector<Subject> subjects)
    : subjects_(std::move(subjects)),
      least_seconds_(subjects_.size(), std::numeric_limits<double>::infinity()),
      least_peak_seconds_(std::numeric_limits<double>::infinity()) {}

void CostMeter::measure(int64_t rounds) {
  for (int64_t round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < subjects_.size(); ++i) {
      double operations = 0;
      const Elapsed loop = time_of([&] { operations = run_multiply_adds(kPeakRounds); });
      least_peak_seconds_ = std::min(least_peak_seconds_, loop.thread_seconds / operations);
      const Contestant& each = subjects_[i].contestant;
      const Elapsed calls = time_of([&] {
        for (int64_t call = 0; call < each.calls; ++call) each.run();
      });
      least_seconds_[i] =
          std::min(least_seconds_[i], calls.thread_seconds / static_cast<double>(each.calls));
    }
  }
}

std::vector<Cost> CostMeter::costs() const {
  std::vector<Cost> costs;
  for (size_t i = 0; i < subjects_.size(); ++i) {
    costs.push_back({subjects_[i].contestant.name, least_seconds_[i] / least_peak_seconds_,
                     subjects_[i].operations, subjects_[i].least_fraction});
  }
  return costs;
}

std::vector<std::string> complaints(const std::vector<Cost>& costs, const RecordedCosts& recorded,
                                    double slack) {
  std::vector<std::string> wrong;
  for (const Cost& cost : costs) {
    if (cost.operations > 0 && cost.fraction_of_peak() < cost.least_fraction) {
      wrong.push_back(fmt::format("{} reaches {:.1f} % of peak, less than {:.0f} %", cost.name,
                                  100 * cost.fraction_of_peak(), 100 * cost.least_fraction));
    }
    if (recorded.empty()) continue;
    const auto before = recorded.find(cost.name);
    if (before == recorded.end()) {
      wrong.push_back(fmt::format("{} is not on record", cost.name));
    } else if (cost.cost > slack * before->second) {
      wrong.push_back(fmt::format("{} costs {:.2f} times what is on record, more than {}",
                                  cost.name, cost.cost / before->second, slack));
    }
  }
  return wrong;
}

std::vector<Subject> guard_subjects() {
  const std::vector<std::string> attentions = {"full", "lsh-1", "lsh-4"};
  const ModelConfig model = bench_config("seed", "lsh-4", 0, 0).model;
  std::vector<Subject> subjects;
  for (const Kernel& kernel : product_kernels(model)) {
    subjects.push_back(subject_of(kernel, kLeastOfProduct));
  }
  for (const auto& kernels :
       {row_kernels(model), hash_kernels(model), attention_kernels(model, attentions)}) {
    for (const Kernel& kernel : kernels) subjects.push_back(subject_of(kernel, 0));
  }
  for (const std::string& attention : attentions) subjects.push_back(of_step(attention));
  return subjects;
}

std::string cost_key() {
  return fmt::format("{}, family {}, model {}, {}", cpu_name(), cpu_field("cpu family"),
                     cpu_field("model"), active_target());
}

}  // namespace reformer
