#include "reformer/experiment/study_model.h"

#include <algorithm>
#include <utility>

#include "reformer/experiment/switches.h"

namespace reformer {
namespace {

std::string file_of(const std::string& name, const Surroundings& surroundings) {
  return name + (surroundings.paper_shape ? ".paper-shape" : "") +
         (surroundings.training_rows ? ".training-rows" : "") + ".jsonl";
}

}  // namespace

StudyModel::StudyModel(TrainedModel model, ThreadPool& pool, std::filesystem::path directory,
                       std::string name)
    : model_(std::move(model)),
      pool_(pool),
      directory_(std::move(directory)),
      name_(std::move(name)) {}

StudyModel::Variant& StudyModel::variant(const Surroundings& surroundings) {
  const auto found = std::ranges::find(variants_, surroundings, &Variant::surroundings);
  if (found != variants_.end()) return *found;
  Variant variant;
  variant.surroundings = surroundings;
  RunConfig& config = variant.config;
  config = model_.config;
  if (surroundings.paper_shape) {
    config.model.chunk_length /= 2;
    config.model.buckets *= 4;
  }
  config.task.seed_report_validation = surroundings.training_rows;
  if (!directory_.empty()) {
    variant.kept.emplace(directory_ / file_of(name_, surroundings),
                         origin_of_cells(config, model_.parameters));
    for (const Cell& cell : variant.kept->cells()) {
      variant.known.push_back({named_semantics(cell.semantics).semantics, cell});
    }
  }
  return variants_.emplace_back(std::move(variant));
}

Cell StudyModel::evaluate(std::string_view evaluated, const NamedSemantics& semantics,
                          uint64_t rotation_seed, const Surroundings& surroundings) {
  AttentionChoice attention = attention_of(model_.config.model, rotation_seed);
  choose_attention(attention, evaluated);
  const bool hashes = attention.kind != AttentionKind::full;
  Variant& here = variant(surroundings);
  const auto known = std::ranges::find_if(here.known, [&](const Known& k) {
    return k.cell.evaluated == evaluated && (!hashes || k.cell.rotation_seed == rotation_seed) &&
           differing_switches(k.semantics, semantics.semantics, attention.kind).empty();
  });
  if (known != here.known.end()) {
    Cell cell = known->cell;
    cell.semantics = semantics.name;
    cell.rotation_seed = rotation_seed;
    return cell;
  }
  if (!here.evaluation) {
    here.evaluation = std::make_unique<CrossEvaluation>(here.config, model_.parameters, pool_);
  }
  Cell cell = here.evaluation->evaluate(evaluated, semantics, rotation_seed);
  here.known.push_back({semantics.semantics, cell});
  made_.push_back(cell);
  if (here.kept) here.kept->add(cell);
  return cell;
}

}  // namespace reformer
