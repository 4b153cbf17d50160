// A trained model of a study, evaluated under many conditions without doing anything twice.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "reformer/experiment/cross_evaluation.h"
#include "reformer/experiment/discrepancy_plan.h"
#include "reformer/experiment/kept_cells.h"
#include "reformer/experiment/trained_model.h"

namespace reformer {

class StudyModel {
 public:
  // `pool` must outlive this. Evaluations are kept in files of `directory` that begin with `name`,
  // one for each of the surroundings, and those that lie there are taken; "": nothing is kept.
  // evaluate() throws Error when such a file is damaged or cannot be written.
  StudyModel(TrainedModel model, ThreadPool& pool, std::filesystem::path directory = {},
             std::string name = {});

  const RunConfig& config() const { return model_.config; }

  // The evaluations that were made here: none twice, none that was kept.
  const std::vector<Cell>& made() const { return made_; }

  // What makes no difference for that attention - another rule for the other kind, rotations under
  // full attention - is not evaluated again.
  Cell evaluate(std::string_view evaluated, const NamedSemantics& semantics, uint64_t rotation_seed,
                const Surroundings& surroundings = {});

 private:
  struct Known {
    AttentionSemantics semantics;
    Cell cell;
  };
  struct Variant {
    Surroundings surroundings;
    RunConfig config;
    std::unique_ptr<CrossEvaluation> evaluation;  // once it was needed
    std::optional<KeptCells> kept;
    std::vector<Known> known;
  };

  Variant& variant(const Surroundings& surroundings);

  TrainedModel model_;
  ThreadPool& pool_;
  std::filesystem::path directory_;
  std::string name_;
  std::vector<Variant> variants_;
  std::vector<Cell> made_;
};

}  // namespace reformer
