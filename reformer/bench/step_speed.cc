#include "reformer/bench/step_speed.h"

#include <memory>

#include "reformer/base/error.h"
#include "reformer/bench/clock.h"
#include "reformer/bench/counts.h"
#include "reformer/bench/in_turn.h"
#include "reformer/bench/peak_memory.h"
#include "reformer/train/trainer.h"

namespace reformer {
namespace {

Contestant steps_of(const std::shared_ptr<Trainer>& trainer) {
  return {trainer->own_attention().name(), [trainer] { trainer->step(); }};
}

// What products of these operands could reach.
double peak_in(Precision precision, const InTurn& turns) {
  if (precision == Precision::fp32) return turns.peak;
  REFORMER_CHECK(turns.bf16_peak.has_value());
  return *turns.bf16_peak;
}

}  // namespace

std::vector<StepSpeed> measure_steps(std::span<const RunConfig> configs, int64_t repeats,
                                     ThreadPool& pool) {
  std::vector<StepSpeed> speeds;
  for (const RunConfig& config : configs) {
    StepSpeed speed;
    speed.attention = attention_of(config.model, 0).name();
    speed.tokens = config.model.length;
    speed.batch = config.train.batch;
    speed.precision = enum_name(config.train.precision);
    speed.peak_bytes = peak_memory_of([&] { Trainer(config, pool).step(); });
    speeds.push_back(speed);
  }
  std::vector<Contestant> contestants;
  for (size_t i = 0; i < configs.size(); ++i) {
    auto trainer = std::make_shared<Trainer>(configs[i], pool);
    const int64_t scored = trainer->step().batch.scored / speeds[i].batch;
    speeds[i].operations = static_cast<double>(speeds[i].batch) *
                           training_operations(configs[i].model, trainer->own_attention(), scored);
    contestants.push_back(steps_of(trainer));
  }
  const InTurn turns = run_in_turn(contestants, repeats, pool);
  for (size_t i = 0; i < speeds.size(); ++i) {
    speeds[i].seconds = turns.seconds[i];
    speeds[i].peak = peak_in(configs[i].train.precision, turns);
  }
  return speeds;
}

std::vector<Scaling> measure_scaling(std::span<const RunConfig> configs, int64_t repeats,
                                     ThreadPool& pool) {
  ThreadPool one(1);
  std::vector<Contestant> contestants;
  for (const RunConfig& config : configs) {
    for (ThreadPool* each : {&one, &pool}) {
      auto trainer = std::make_shared<Trainer>(config, *each);
      trainer->step();
      contestants.push_back(steps_of(trainer));
    }
  }
  const InTurn turns = run_in_turn(contestants, repeats, pool);
  std::vector<Scaling> result;
  for (size_t i = 0; i < configs.size(); ++i) {
    result.push_back({contestants[2 * i].name, configs[i].model.length, configs[i].train.batch,
                      pool.size(), turns.seconds[2 * i], turns.seconds[2 * i + 1]});
  }
  return result;
}

StartUp measure_start_up(const RunConfig& config, int threads) {
  StartUp result;
  result.process_seconds = process_seconds();
  result.trainer_seconds = time_of([&] {
                             ThreadPool pool(threads);
                             const Trainer trainer(config, pool);
                           }).seconds;
  return result;
}

}  // namespace reformer
