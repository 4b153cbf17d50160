#include "reformer/experiment/discrepancy.h"

#include <map>
#include <utility>

#include "reformer/base/error.h"
#include "reformer/experiment/study_model.h"
#include "reformer/experiment/study_runs.h"
#include "reformer/experiment/switches.h"

namespace reformer {
namespace {

using Models = std::map<std::string, StudyModel, std::less<>>;

AttentionKind kind_of(std::string_view attention) {
  return attention == "full" ? AttentionKind::full : AttentionKind::lsh;
}

// The study on the models of one training seed.
class SeedStudy {
 public:
  SeedStudy(Models& models, StudyObserver& observer) : models_(models), observer_(observer) {
    total_ = static_cast<int64_t>(models.size() *
                                  (1 + kMeaningAttentions.size() * semantics_names().size()));
    for (const Comparison& plan : comparisons()) {
      if (has(plan)) total_ += 2 + 2 * static_cast<int64_t>(switches(plan).size());
    }
    for (const Suspect& plan : suspects()) {
      if (!has(plan)) continue;
      for (const Condition& condition : {plan.usual, plan.changed}) {
        total_ += static_cast<int64_t>(rotation_seeds(plan, condition).size());
      }
    }
  }

  bool has(const Comparison& plan) const { return models_.contains(plan.model); }
  bool has(const Suspect& plan) const {
    return models_.contains(plan.usual.model) && models_.contains(plan.changed.model);
  }

  Cell own(const std::string& name) {
    const ModelConfig& config = model(name).config().model;
    return evaluate(name, {}, attention_of(config, 0).name(), named_preset(config.semantics),
                    rotation_seed(name));
  }

  std::vector<Cell> under_every_meaning(const std::string& name) {
    std::vector<Cell> cells;
    for (const std::string& meaning : semantics_names()) {
      for (const std::string_view evaluated : kMeaningAttentions) {
        cells.push_back(evaluate(name, {}, evaluated, named_preset(meaning), rotation_seed(name)));
      }
    }
    return cells;
  }

  ComparisonRun run(const Comparison& plan) {
    const NamedSemantics losing = named_semantics(plan.losing);
    const NamedSemantics keeping = named_semantics(plan.keeping);
    const auto cell = [&](const NamedSemantics& semantics) {
      return evaluate(plan.model, {}, plan.evaluated, semantics, rotation_seed(plan.model));
    };
    ComparisonRun result{cell(losing), cell(keeping), {}};
    for (const SemanticSwitch& flipped : switches(plan)) {
      result.flips.push_back({flipped.name, cell(flip(keeping, flipped, losing.semantics)),
                              cell(flip(losing, flipped, keeping.semantics))});
    }
    return result;
  }

  SuspectRun run(const Suspect& plan) {
    return {cells(plan, plan.usual), cells(plan, plan.changed)};
  }

 private:
  StudyModel& model(std::string_view name) const { return models_.find(name)->second; }

  static std::vector<SemanticSwitch> switches(const Comparison& plan) {
    return differing_switches(named_semantics(plan.losing).semantics,
                              named_semantics(plan.keeping).semantics, kind_of(plan.evaluated));
  }

  uint64_t rotation_seed(std::string_view name) const {
    return evaluation_rotation_seed(model(name).config());
  }

  // Far from those of training and of the studies with the next training seeds.
  std::vector<uint64_t> rotation_seeds(const Suspect& plan, const Condition& condition) const {
    constexpr uint64_t kApart = 1'000'003;
    if (condition.own_rotations) return {rotation_seed(condition.model)};
    const auto seed = static_cast<uint64_t>(model(condition.model).config().train.seed);
    std::vector<uint64_t> seeds{~seed};
    if (kind_of(plan.evaluated) == AttentionKind::full) return seeds;  // hashes nothing
    for (uint64_t i = 1; i < kSuspectRotations; ++i) seeds.push_back(~seed - i * kApart);
    return seeds;
  }

  std::vector<Cell> cells(const Suspect& plan, const Condition& condition) {
    std::vector<Cell> out;
    for (const uint64_t seed : rotation_seeds(plan, condition)) {
      out.push_back(evaluate(condition.model, condition.surroundings, plan.evaluated,
                             named_semantics(condition.semantics), seed));
    }
    return out;
  }

  Cell evaluate(std::string_view name, const Surroundings& surroundings, std::string_view evaluated,
                const NamedSemantics& semantics, uint64_t seed) {
    Cell cell = model(name).evaluate(evaluated, semantics, seed, surroundings);
    observer_.evaluation_done(cell, ++done_, total_);
    return cell;
  }

  Models& models_;
  StudyObserver& observer_;
  int64_t done_ = 0, total_ = 0;
};

// The model's own configuration, on the examples that the study evaluates on.
RunConfig evaluated_config(const RunConfig& of_model, const RunConfig& of_study) {
  RunConfig config = of_study;
  config.model = of_model.model;
  config.train = of_model.train;
  return config;
}

Models models_of(const DiscrepancyOptions& options, int64_t seed, Discrepancy& study,
                 ModelSource& source, ThreadPool& pool) {
  std::filesystem::path kept;
  if (!options.directory.empty()) {
    kept = options.directory / study_seed_name(seed) / kStudyEvaluations;
  }
  Models models;
  for (const std::string& name : discrepancy_models()) {
    const RunConfig config = discrepancy_config(study.size, name, seed);
    std::optional<TrainedModel> model = source.model(name, config);
    if (!model) {
      study.absent.push_back(fmt::format("{}, seed {}", name, seed));
      continue;
    }
    model->config = evaluated_config(model->config, config);
    models.try_emplace(name, *std::move(model), pool, kept, name);
  }
  return models;
}

}  // namespace

Discrepancy run_discrepancy(const DiscrepancyOptions& options, ModelSource& source,
                            ThreadPool& pool, StudyObserver& observer) {
  Discrepancy study;
  study.size = options.size;
  for (const Comparison& plan : comparisons()) study.comparisons.push_back({plan, {}});
  for (const Suspect& plan : suspects()) study.suspects.push_back({plan, {}});
  for (int64_t i = 0; i < options.seeds; ++i) {
    Models models = models_of(options, options.first_seed + i, study, source, pool);
    SeedStudy of_seed(models, observer);
    for (const auto& [name, model] : models) {
      study.models.push_back(
          {name, model.config(), of_seed.own(name), of_seed.under_every_meaning(name)});
    }
    for (ComparisonResult& result : study.comparisons) {
      if (of_seed.has(result.plan)) result.runs.push_back(of_seed.run(result.plan));
    }
    for (SuspectResult& result : study.suspects) {
      if (of_seed.has(result.plan)) result.runs.push_back(of_seed.run(result.plan));
    }
  }
  if (study.models.empty()) {
    fail("discrepancy", "expected at least one of the models {} of seed {}, found none; try {}",
         fmt::join(discrepancy_models(), ", "), options.first_seed,
         "a directory that this study wrote with --out");
  }
  std::erase_if(study.comparisons, [](const auto& result) { return result.runs.empty(); });
  std::erase_if(study.suspects, [](const auto& result) { return result.runs.empty(); });
  return study;
}

}  // namespace reformer
