// The models of a study, and what a study tells as it goes on.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/experiment/cross_evaluation.h"
#include "reformer/train/run_config.h"
#include "reformer/train/trainer.h"

namespace reformer {

struct TrainedModel {
  std::string trained;  // attention in training: "lsh-4"
  RunConfig config;
  BatchLoss last_batch;
  std::vector<float> parameters;
};

// Called as a study goes on. All calls come from the thread that runs it.
class StudyObserver {
 public:
  virtual ~StudyObserver() = default;
  virtual void training_begins(std::string_view name, int64_t steps) = 0;
  virtual void step_done(const StepReport& report) = 0;
  virtual void training_ends(const TrainedModel& model) = 0;
  virtual void evaluation_done(const Cell& cell, int64_t done, int64_t total) = 0;
};

// Changes the model's attention to "full", "lsh-4", ... Throws Error for another name.
void train_under(ModelConfig& config, std::string_view attention);

// Trains a model to the end of its schedule; `name` is what the observer is told. The same bits for
// any number of threads.
TrainedModel train_model(std::string_view name, const RunConfig& config, ThreadPool& pool,
                         StudyObserver& observer);

// Writes the model of a finished training with the record of it. Throws Error when that fails.
void save_trained(const std::filesystem::path& path, const TrainedModel& model);

}  // namespace reformer
