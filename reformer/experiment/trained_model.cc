#include "reformer/experiment/trained_model.h"

#include "reformer/run/model_file.h"
#include "reformer/run/training_record.h"

namespace reformer {

void train_under(ModelConfig& config, std::string_view attention) {
  AttentionChoice choice = attention_of(config, 0);
  choose_attention(choice, attention);
  config.attention = choice.kind;
  config.hash_rounds = choice.hash_rounds;
}

TrainedModel train_model(std::string_view name, const RunConfig& config, ThreadPool& pool,
                         StudyObserver& observer) {
  TrainedModel model;
  model.config = config;
  model.trained = attention_of(config.model, 0).name();
  observer.training_begins(name, config.train.steps);
  Trainer trainer(config, pool);
  while (!trainer.finished()) {
    const StepReport report = trainer.step();
    model.last_batch = report.batch;
    observer.step_done(report);
  }
  model.parameters.assign(trainer.parameters().begin(), trainer.parameters().end());
  observer.training_ends(model);
  return model;
}

void save_trained(const std::filesystem::path& path, const TrainedModel& model) {
  const RunConfig& config = model.config;
  save_model(path, config.model, model.parameters,
             to_json(TrainingRecord{config, config.train.steps, evaluation_rotation_seed(config)}));
}

}  // namespace reformer
