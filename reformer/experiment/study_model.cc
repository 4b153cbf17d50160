#include "reformer/experiment/study_model.h"

#include <algorithm>
#include <utility>

namespace reformer {

StudyModel::StudyModel(TrainedModel model, ThreadPool& pool)
    : model_(std::move(model)), pool_(pool) {}

CrossEvaluation& StudyModel::variant(const Surroundings& surroundings) {
  for (const Variant& made : variants_) {
    if (made.surroundings == surroundings) return *made.evaluation;
  }
  RunConfig config = model_.config;
  if (surroundings.paper_shape) {
    config.model.chunk_length /= 2;
    config.model.buckets *= 4;
  }
  config.task.seed_report_validation = surroundings.training_rows;
  variants_.push_back(
      {surroundings, std::make_unique<CrossEvaluation>(config, model_.parameters, pool_)});
  return *variants_.back().evaluation;
}

Cell StudyModel::evaluate(std::string_view evaluated, const NamedSemantics& semantics,
                          uint64_t rotation_seed, const Surroundings& surroundings) {
  const auto known = std::ranges::find_if(known_, [&](const Known& k) {
    return k.surroundings == surroundings && k.cell.evaluated == evaluated &&
           k.cell.rotation_seed == rotation_seed && k.semantics == semantics.semantics;
  });
  if (known != known_.end()) {
    Cell cell = known->cell;
    cell.semantics = semantics.name;  // one meaning may have two names
    return cell;
  }
  known_.push_back({surroundings, semantics.semantics,
                    variant(surroundings).evaluate(evaluated, semantics, rotation_seed)});
  return known_.back().cell;
}

}  // namespace reformer
