// Why two published tables differ: the same weights evaluated under both programs' meanings of
// attention, with one switch flipped at a time.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/experiment/discrepancy_plan.h"
#include "reformer/experiment/trained_model.h"

namespace reformer {

struct FlippedCells {
  std::string name;  // of the switch
  Cell breaks;       // the keeping meaning, with this switch as the losing one has it
  Cell heals;        // the losing meaning, with this switch as the keeping one has it
};

// A comparison on the weights of one training seed.
struct ComparisonRun {
  Cell losing, keeping;
  std::vector<FlippedCells> flips;
};

struct ComparisonResult {
  Comparison plan;
  std::vector<ComparisonRun> runs;  // by training seed
};

struct SuspectRun {
  std::vector<Cell> usual, changed;  // by rotation seed
};

struct SuspectResult {
  Suspect plan;
  std::vector<SuspectRun> runs;  // by training seed
};

struct StudiedModel {
  std::string name;
  RunConfig config;
  Cell own;  // under its own attention and meaning
  // Under every meaning that has a name, by semantics_names(); for each as in kMeaningAttentions.
  std::vector<Cell> meanings;
};

// What every model is evaluated with under every meaning.
inline constexpr std::array<std::string_view, 2> kMeaningAttentions = {"full", "lsh-8"};

struct Discrepancy {
  std::string size;
  std::vector<StudiedModel> models;
  std::vector<ComparisonResult> comparisons;  // those with at least one run
  std::vector<SuspectResult> suspects;        // the same
  std::vector<std::string> absent;  // "consistent-full, seed 3": models that there are not
};

// Where the study's models come from.
class ModelSource {
 public:
  virtual ~ModelSource() = default;
  // The model, or nothing when there is none.
  virtual std::optional<TrainedModel> model(std::string_view name, const RunConfig& config) = 0;
};

struct DiscrepancyOptions {
  std::string size = "laptop";
  int64_t first_seed = 1;  // of training
  int64_t seeds = 1;
  // Of the study: seed-1/evaluations there keeps evaluations as they are made, and has those of a
  // study that was stopped; none: nothing is kept.
  std::filesystem::path directory = {};
};

// What needs a model that is absent is left out. The same bits for any number of threads. Throws
// Error when no model is there at all.
Discrepancy run_discrepancy(const DiscrepancyOptions& options, ModelSource& source,
                            ThreadPool& pool, StudyObserver& observer);

}  // namespace reformer
