// The duplication-task study: four models, each trained under its own attention and evaluated under
// five, as in Table 2 of Kitaev et al. 2020; then the same weights under the published meanings.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/experiment/cross_evaluation.h"
#include "reformer/experiment/trained_model.h"
#include "reformer/train/run_config.h"

namespace reformer {

// "laptop" (T = 128: minutes on two cores), "smoke" (seconds: shows that it runs, learns nothing);
// "full" (T = 1024: the seed report's model under `consistent` attention, half an hour),
// "full-seed" (the same under the seed report's attention), "full-paper" (the paper's model under
// the paper's).
const std::vector<std::string>& table2_sizes();

// The configuration that trains model `trained` ("full", "lsh-4", ...) at that size.
RunConfig table2_config(std::string_view size, std::string_view trained, int64_t seed);

// The meanings under which every model is evaluated, unless only its own is asked for.
inline constexpr std::array<std::string_view, 3> kTable2Meanings = {"consistent", "paper", "seed"};

struct Table2 {
  std::string size;
  int64_t seed = 0;
  std::vector<TrainedModel> models;
  std::string own_meaning;            // that the models were trained under
  std::vector<std::string> meanings;  // that they are evaluated under
  std::vector<Cell> cells;            // 4 x 5 under each meaning
  // The same cells under further rotation seeds, one list for each, in the order of `cells`.
  std::vector<std::vector<Cell>> more_rotations;
  // What one switch does to the same weights: the causes of the published tables' differences, put
  // in and taken out. A meaning that is none of `meanings` is here itself, too, before its changes.
  std::vector<Cell> switches;
  // The evaluations that were made for all of this: none twice, none that had been kept.
  std::vector<Cell> made;

  // The cell. Throws std::logic_error when there is none.
  const Cell& at(std::string_view trained, std::string_view evaluated,
                 std::string_view semantics) const;

  // What a cell of `switches` was before its change: itself where it has none.
  const Cell& before(const Cell& switched) const;
};

struct Table2Options {
  std::string size = "laptop";
  int64_t seed = 1;
  int64_t rotations = 1;  // rotation seeds of every cell, from evaluation_rotation_seed() on
  bool only_own_meaning = false;  // evaluate under the meaning of training only
  // Directory that keeps evaluations as they are made, a file for each model, and has those of a
  // study that was stopped; none: nothing is kept.
  std::filesystem::path kept = {};
};

// Runs the study. The same bits for any number of threads.
Table2 run_table2(const Table2Options& options, ThreadPool& pool, StudyObserver& observer);

// The evaluations of that study, for models that are trained already, in the order of
// kTrainedWith.
Table2 evaluate_table2(const Table2Options& options, std::vector<TrainedModel> models,
                       ThreadPool& pool, StudyObserver& observer);

}  // namespace reformer
