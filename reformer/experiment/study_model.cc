#include "reformer/experiment/study_model.h"

#include <algorithm>
#include <utility>

#include "reformer/experiment/switches.h"

namespace reformer {

StudyModel::StudyModel(TrainedModel model, ThreadPool& pool, KeptCells* kept)
    : model_(std::move(model)), pool_(pool), kept_(kept) {
  if (kept_ == nullptr) return;
  for (const Cell& cell : kept_->cells()) {
    known_.push_back({{}, named_semantics(cell.semantics).semantics, cell});
  }
}

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
  AttentionChoice attention = attention_of(model_.config.model, rotation_seed);
  choose_attention(attention, evaluated);
  const bool hashes = attention.kind != AttentionKind::full;
  const auto known = std::ranges::find_if(known_, [&](const Known& k) {
    return k.surroundings == surroundings && k.cell.evaluated == evaluated &&
           (!hashes || k.cell.rotation_seed == rotation_seed) &&
           differing_switches(k.semantics, semantics.semantics, attention.kind).empty();
  });
  if (known != known_.end()) {
    Cell cell = known->cell;
    cell.semantics = semantics.name;
    cell.rotation_seed = rotation_seed;
    return cell;
  }
  Cell cell = variant(surroundings).evaluate(evaluated, semantics, rotation_seed);
  known_.push_back({surroundings, semantics.semantics, cell});
  made_.push_back(cell);
  if (kept_ != nullptr && surroundings == Surroundings()) kept_->add(cell);
  return cell;
}

}  // namespace reformer
