// Table 2 over several training seeds and rotation seeds: does each model learn, and how much do
// the numbers spread?
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/experiment/spread.h"
#include "reformer/experiment/table2.h"

namespace reformer {

// One cell over seeds. Accuracies from 0 to 1.
struct CellSpread {
  std::string trained, evaluated, semantics;
  Spread over_training;   // each number a training seed's mean over rotation seeds
  Spread over_rotations;  // each number the mean over training seeds for one choice of rotations
};

// What one switch does to a cell over training seeds, each with its first rotation seed.
struct SwitchSpread {
  std::string trained, evaluated;
  std::string base;     // the meaning that is changed
  std::string changes;  // "full_own=allowed"
  Spread before, after;
};

// How many seeds learned: accuracy of at least `kLearned` under the model's own attention.
struct Learned {
  std::string trained;
  int64_t seeds = 0;
};
inline constexpr double kLearned = 0.5;  // on the plateau it is about 0.02, once learned above 0.8

struct SeedSummary {
  std::string size;                   // as of Table2
  std::string semantics;              // that the models were trained under
  std::vector<std::string> meanings;  // that they are evaluated under
  std::vector<int64_t> seeds;         // of training
  int64_t rotations = 1;              // rotation seeds of each
  std::vector<Learned> learned;       // by model
  std::vector<CellSpread> cells;      // in the order of Table2::cells
  std::vector<SwitchSpread> switches;
};

// All tables must be of the same size and number of rotation seeds. Throws std::logic_error when
// there is none.
SeedSummary summarise(std::span<const Table2> tables);

// Learned seeds of each model, and mean, deviation and 95 % interval of every cell, under each of
// the study's meanings.
std::string summary_text(const SeedSummary& summary);
std::string summary_markdown(const SeedSummary& summary);
nlohmann::ordered_json summary_json(const SeedSummary& summary);

// Writes table2-seeds.md and table2-seeds.json to a directory, each in one step.
void write_summary(const SeedSummary& summary, const std::filesystem::path& directory);

}  // namespace reformer
