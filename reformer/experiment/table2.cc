#include "reformer/experiment/table2.h"

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/experiment/published.h"
#include "reformer/experiment/study_model.h"
#include "reformer/experiment/table2_switches.h"

namespace reformer {
namespace {

// Until each does well under its own attention, and with fewer rounds than its own: the fewer
// rounds, the longer it takes. Of a nearly flat softmax (`seed`) every key is a candidate.
int64_t steps_of(std::string_view size, std::string_view trained) {
  struct Steps {
    std::string_view size;
    int64_t full, lsh_4, lsh_2, lsh_1;
  };
  static constexpr Steps kSteps[] = {{"laptop", 800, 1500, 1500, 2000},
                                     {"full", 500, 600, 800, 1000},
                                     {"full-seed", 500, 1000, 1500, 2000},
                                     {"full-paper", 500, 2000, 800, 1000}};
  const Steps& steps = *std::ranges::find(kSteps, size, &Steps::size);
  if (trained == "full") return steps.full;
  if (trained == "lsh-4") return steps.lsh_4;
  return trained == "lsh-2" ? steps.lsh_2 : steps.lsh_1;
}

}  // namespace

const std::vector<std::string>& table2_sizes() {
  static const std::vector<std::string> names = {"smoke", "laptop", "full", "full-seed",
                                                 "full-paper"};
  return names;
}

RunConfig table2_config(std::string_view size, std::string_view trained, int64_t seed) {
  if (std::ranges::find(table2_sizes(), size) == table2_sizes().end()) {
    fail("table2", "expected one of {}, found '{}'{}", fmt::join(table2_sizes(), ", "), size,
         did_you_mean(size, table2_sizes()));
  }
  RunConfig config = run_preset(size);
  train_under(config.model, trained);
  config.train.seed = seed;
  if (size != "smoke") config.train.steps = steps_of(size, trained);
  // Attention to all keys needs more of it, or single positions keep a wrong choice; LSH models
  // with as much of it lose accuracy under full attention (docs/experiments.md).
  if (size == "full" && trained == "full") config.train.optimizer.weight_decay = 1e-3;
  // Its logits are of the usual size: of the higher rate that LSH needs, some positions never
  // recover (docs/experiments.md).
  if (size == "full-seed" && trained == "full") {
    config.train.schedule.learning_rate = run_preset("full").train.schedule.learning_rate;
  }
  return config;
}

const Cell& Table2::at(std::string_view trained, std::string_view evaluated,
                       std::string_view semantics) const {
  return find_cell(cells, trained, evaluated, semantics);
}

const Cell& Table2::before(const Cell& switched) const {
  const auto [base, changes] = base_and_changes(switched.semantics);
  const bool in_table = std::ranges::find(meanings, base) != meanings.end();
  return find_cell(in_table ? cells : switches, switched.trained, switched.evaluated, base);
}

Table2 run_table2(const Table2Options& options, ThreadPool& pool, StudyObserver& observer) {
  std::vector<TrainedModel> models;
  for (const std::string_view trained : kTrainedWith) {
    models.push_back(
        train_model(trained, table2_config(options.size, trained, options.seed), pool, observer));
  }
  return evaluate_table2(options, std::move(models), pool, observer);
}

Table2 evaluate_table2(const Table2Options& options, std::vector<TrainedModel> models,
                       ThreadPool& pool, StudyObserver& observer) {
  REFORMER_CHECK(options.rotations >= 1);
  Table2 table;
  table.size = options.size;
  table.seed = options.seed;
  table.models = std::move(models);
  table.own_meaning = table.models.front().config.model.semantics;
  if (options.only_own_meaning) {
    table.meanings = {table.own_meaning};
  } else {
    table.meanings.assign(kTable2Meanings.begin(), kTable2Meanings.end());
  }
  const auto shown = [&](const Table2Switch& s) { return s.own == table.own_meaning; };
  table.more_rotations.resize(static_cast<size_t>(options.rotations - 1));
  const auto total =
      static_cast<int64_t>(table.models.size() * kEvaluatedWith.size() * table.meanings.size()) *
          options.rotations +
      static_cast<int64_t>(std::ranges::count_if(table2_switches(), shown));
  int64_t done = 0;
  for (const TrainedModel& model : table.models) {
    StudyModel study(model, pool, options.kept, model.trained);
    const uint64_t first_rotation = evaluation_rotation_seed(model.config);
    const auto evaluate = [&](std::string_view evaluated, const NamedSemantics& semantics,
                              uint64_t rotation_seed) {
      Cell cell = study.evaluate(evaluated, semantics, rotation_seed);
      observer.evaluation_done(cell, ++done, total);
      return cell;
    };
    for (const std::string& meaning : table.meanings) {
      const NamedSemantics semantics = named_preset(meaning);
      for (const std::string_view evaluated : kEvaluatedWith) {
        table.cells.push_back(evaluate(evaluated, semantics, first_rotation));
        uint64_t rotation_seed = first_rotation;
        for (std::vector<Cell>& cells : table.more_rotations) {
          cells.push_back(evaluate(evaluated, semantics, ++rotation_seed));
        }
      }
    }
    for (const Table2Switch& s : table2_switches()) {
      if (!shown(s) || s.trained != model.trained) continue;
      table.switches.push_back(
          evaluate(s.evaluated, changed_preset(s.base, s.changes), first_rotation));
    }
    table.made.insert(table.made.end(), study.made().begin(), study.made().end());
  }
  return table;
}

}  // namespace reformer
