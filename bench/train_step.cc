// How fast a training step is, as a fraction of what the machine's multiply-add units can do.
//
//   bench_train_step [--threads N] [--repeats N] [--size seed|paper|laptop] [--batch B] [--json]
//
// Peak and steps are measured in turn, so that a busy machine slows all of them alike; medians are
// reported. Useful operations per sequence (docs/performance.md): what the mathematics needs with
// rows that no loss sees left out; nothing is counted twice for being computed again in the
// backward pass.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reformer/base/error.h"
#include "reformer/base/machine.h"
#include "reformer/base/version.h"
#include "reformer/math/peak.h"
#include "reformer/math/target.h"
#include "reformer/train/trainer.h"

namespace reformer {
namespace {

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Operations per second of all threads at once.
double measure_peak(ThreadPool& pool) {
  constexpr int64_t kRounds = 4'000'000;
  std::vector<double> done(static_cast<size_t>(pool.size()));
  const double time = seconds([&] {
    pool.run(pool.size(),
             [&](int64_t i, int) { done[static_cast<size_t>(i)] = run_multiply_adds(kRounds); });
  });
  double total = 0;
  for (const double operations : done) total += operations;
  return total / time;
}

// Forward plus backward, twice the forward. M rows are scored; in LSH attention a query meets 2 S
// keys in each round, in full attention those up to itself.
double useful_operations(const ModelConfig& config, int64_t scored) {
  const auto t = static_cast<double>(config.length);
  const auto m = static_cast<double>(scored);
  const auto c = static_cast<double>(config.model_dim);
  const auto inner = static_cast<double>(config.heads * config.head_dim);
  const auto f = static_cast<double>(config.feed_forward_dim);
  const auto v = static_cast<double>(config.vocabulary);
  const double products = 2 * t * c * inner + m * inner * c + 2 * m * c * f + m * c * v;
  const double keys = config.attention == AttentionKind::full
                          ? t - m / 2
                          : static_cast<double>(2 * config.hash_rounds * config.chunk_length);
  return 3 * 2 * (products + 2 * m * keys * inner);
}

struct Row {
  std::string name;
  std::unique_ptr<Trainer> trainer;
  double gflop = 0;  // of one step
  std::vector<double> times;
};

int run(int argc, char** argv) {
  int threads = hardware_threads();
  int repeats = 5;
  int64_t batch = 0;
  std::string size = "seed";
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--json") {
      json = true;
    } else if (i + 1 == argc) {
      fail("bench", "expected --threads N, --repeats N, --size NAME, --batch B or --json, found {}",
           flag);
    } else if (flag == "--threads") {
      threads = std::stoi(argv[++i]);
    } else if (flag == "--repeats") {
      repeats = std::stoi(argv[++i]);
    } else if (flag == "--batch") {
      batch = std::stoll(argv[++i]);
    } else if (flag == "--size") {
      size = argv[++i];
    } else {
      fail("bench", "expected --threads N, --repeats N, --size NAME, --batch B or --json, found {}",
           flag);
    }
  }
  ThreadPool pool(threads);
  std::vector<Row> rows;
  for (const char* name : {"full", "lsh-1", "lsh-2", "lsh-4", "lsh-8"}) {
    RunConfig config = run_preset(size);
    AttentionChoice attention = attention_of(config.model, 0);
    choose_attention(attention, name);
    config.model.attention = attention.kind;
    config.model.hash_rounds = attention.hash_rounds;
    config.task.source = DataSource::stream;
    config.task.generator = Generator::philox;
    if (batch > 0) config.train.batch = batch;
    rows.push_back({name, std::make_unique<Trainer>(config, pool), 0, {}});
    Trainer& trainer = *rows.back().trainer;
    const StepReport warm_up = trainer.step();
    const int64_t scored = warm_up.batch.scored / config.train.batch;
    rows.back().gflop =
        1e-9 * useful_operations(config.model, scored) * static_cast<double>(config.train.batch);
  }
  std::vector<double> peaks;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    for (Row& row : rows) {
      peaks.push_back(1e-9 * measure_peak(pool));
      row.times.push_back(seconds([&] { row.trainer->step(); }));
    }
  }
  const double peak = median(peaks);
  const RunConfig& config = rows.front().trainer->config();
  nlohmann::ordered_json out = {
      {"version", version()},           {"commit", commit()}, {"cpu", cpu_name()},
      {"simd", active_target()},        {"threads", threads}, {"repeats", repeats},
      {"peak_gflops", {{"fp32", peak}}}};
  if (!json) {
    std::printf("%s, %s, %d threads: peak %.1f GFLOP/s (fp32, median)\n", cpu_name().c_str(),
                active_target().c_str(), threads, peak);
    std::printf("training step of %ld sequences of %ld tokens (%s)\n", config.train.batch,
                config.model.length, size.c_str());
    std::printf("%-8s %10s %12s %10s %8s\n", "", "seconds", "GFLOP/s", "tokens/s", "of peak");
  }
  for (const Row& row : rows) {
    const double time = median(row.times);
    const double tokens = static_cast<double>(config.train.batch * config.model.length) / time;
    const double fraction = row.gflop / time / peak;
    if (!json) {
      std::printf("%-8s %10.4f %12.1f %10.0f %7.1f%%\n", row.name.c_str(), time, row.gflop / time,
                  tokens, 100 * fraction);
    }
    out["train_step"].push_back({{"attention", row.name},
                                 {"tokens", config.model.length},
                                 {"batch", config.train.batch},
                                 {"precision", "fp32"},
                                 {"seconds", time},
                                 {"useful_gflop", row.gflop},
                                 {"fraction_of_peak", fraction}});
  }
  if (json) std::printf("%s\n", out.dump(2).c_str());
  return 0;
}

}  // namespace
}  // namespace reformer

int main(int argc, char** argv) {
  try {
    return reformer::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_train_step: %s\n", error.what());
    return 2;
  }
}
