#include "reformer/bench/evaluation_speed.h"

#include "reformer/bench/bench_plan.h"
#include "reformer/bench/clock.h"
#include "reformer/bench/counts.h"
#include "reformer/bench/in_turn.h"
#include "reformer/bench/peak_memory.h"
#include "reformer/experiment/cross_evaluation.h"
#include "reformer/experiment/published.h"
#include "reformer/model/parameters.h"

namespace reformer {
namespace {

constexpr uint64_t kSpeedSeed = 1;

std::vector<float> some_parameters(const RunConfig& config) {
  return initial_parameters(config.model, static_cast<uint64_t>(config.train.seed));
}

}  // namespace

std::vector<EvaluationSpeed> measure_evaluation(const RunConfig& config,
                                                std::span<const std::string> attentions,
                                                int64_t repeats, ThreadPool& pool) {
  const std::vector<float> parameters = some_parameters(config);
  const NamedSemantics semantics = named_preset(config.model.semantics);
  std::vector<EvaluationSpeed> speeds;
  for (const std::string& name : attentions) {
    EvaluationSpeed speed;
    speed.attention = name;
    speed.tokens = config.model.length;
    speed.sequences = config.task.validation_rows;
    speed.peak_bytes = peak_memory_of([&] {
      CrossEvaluation alone(config, parameters, pool);
      const Cell cell = alone.evaluate(name, semantics, kSpeedSeed);
      AttentionChoice attention = attention_of(config.model, 0);
      choose_attention(attention, name);
      speed.operations =
          static_cast<double>(cell.sequences) *
          forward_operations(config.model, attention, cell.loss.scored / cell.sequences);
    });
    speeds.push_back(speed);
  }
  CrossEvaluation evaluation(config, parameters, pool);
  std::vector<Contestant> contestants;
  for (const std::string& name : attentions) {
    contestants.push_back({name, [&] { evaluation.evaluate(name, semantics, kSpeedSeed); }});
  }
  const InTurn turns = run_in_turn(contestants, repeats, pool);
  for (size_t i = 0; i < speeds.size(); ++i) {
    speeds[i].seconds = turns.seconds[i];
    speeds[i].peak = turns.peak;
  }
  return speeds;
}

TableSpeed measure_table2(std::string_view size, int64_t sequences, ThreadPool& pool) {
  TableSpeed result;
  result.sequences = sequences;
  for (const std::string_view trained : kTrainedWith) {
    RunConfig config = bench_config(size, trained, 0, 0);
    config.task.validation_rows = sequences;
    const std::vector<float> parameters = some_parameters(config);
    const NamedSemantics semantics = named_preset(config.model.semantics);
    result.seconds += time_of([&] {
                        CrossEvaluation evaluation(config, parameters, pool);
                        for (const std::string_view evaluated : kEvaluatedWith) {
                          evaluation.evaluate(evaluated, semantics, kSpeedSeed);
                          ++result.cells;
                        }
                      }).seconds;
  }
  return result;
}

}  // namespace reformer
