// bench_guard [--record] COSTS.json: fails when a kernel or a training step has become slower.
//
// COSTS.json holds costs by kind of CPU, see reformer/bench/guard.h; --record writes those of this
// one. On a CPU without a record only the least fractions of peak count.
#include "reformer/bench/guard.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/base/version.h"

namespace reformer {
namespace {

// Twice as slow must be found; the best of many rounds differs by less than 1.3 on a busy machine.
constexpr double kSlack = 1.6;
constexpr int64_t kRounds = 8;
// Rounds only lower costs, so more of them forgive a disturbance but not a slower kernel.
constexpr int kTries = 4;

RecordedCosts recorded_costs(const nlohmann::json& file) {
  RecordedCosts costs;
  const auto found = file.find(cost_key());
  if (found == file.end()) return costs;
  for (const auto& [name, cost] : found->at("costs").items()) costs[name] = cost.get<double>();
  return costs;
}

void print(const std::vector<Cost>& costs, const RecordedCosts& recorded) {
  std::printf("%-28s %12s %9s %9s\n", "", "cost (MFLOP)", "of peak", "on record");
  for (const Cost& cost : costs) {
    const auto before = recorded.find(cost.name);
    const std::string fraction =
        cost.operations > 0 ? fmt::format("{:.1f} %", 100 * cost.fraction_of_peak()) : "-";
    const std::string ratio =
        before == recorded.end() ? "-" : fmt::format("x {:.2f}", cost.cost / before->second);
    std::printf("%-28s %12.4f %9s %9s\n", cost.name.c_str(), 1e-6 * cost.cost, fraction.c_str(),
                ratio.c_str());
  }
}

int record(nlohmann::json file, const std::string& path) {
  CostMeter meter(guard_subjects());
  meter.measure(kRounds * kTries);
  nlohmann::json costs;
  for (const Cost& cost : meter.costs()) costs[cost.name] = std::round(cost.cost);
  file[cost_key()] = {{"commit", commit()}, {"costs", costs}};
  write_file_atomically(path, file.dump(2) + "\n");
  print(meter.costs(), {});
  return 0;
}

int check(const nlohmann::json& file) {
  const RecordedCosts recorded = recorded_costs(file);
  std::printf("%s: %s\n", cost_key().c_str(),
              recorded.empty() ? "nothing on record" : "compared with the record");
  CostMeter meter(guard_subjects());
  std::vector<std::string> wrong;
  for (int tries = 0; tries == 0 || (tries < kTries && !wrong.empty()); ++tries) {
    meter.measure(kRounds);
    wrong = complaints(meter.costs(), recorded, kSlack);
  }
  print(meter.costs(), recorded);
  for (const std::string& sentence : wrong) std::printf("slower: %s\n", sentence.c_str());
  return wrong.empty() ? 0 : 1;
}

int run(int argc, char** argv) {
  const bool recording = argc == 3 && std::string(argv[1]) == "--record";
  if (!recording && argc != 2) {
    fail("bench_guard", "expected [--record] COSTS.json, found {} arguments", argc - 1);
  }
  const std::string path = argv[argc - 1];
  const nlohmann::json file = parse_json(read_file(path), path);
  return recording ? record(file, path) : check(file);
}

}  // namespace
}  // namespace reformer

int main(int argc, char** argv) {
  try {
    return reformer::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_guard: %s\n", error.what());
    return 2;
  }
}
