// What a model file keeps of its training: enough to train it again, and to evaluate it on examples
// that it has not seen.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "reformer/train/run_config.h"

namespace reformer {

struct TrainingRecord {
  RunConfig config;
  int64_t steps_done = 0;
  uint64_t rotation_seed = 0;  // of the validation during training
};

// {"model": {...}, "task": {...}, "train": {...}, "steps_done": n, "rotation_seed": n}
nlohmann::json to_json(const TrainingRecord& record);

// Reads the record of a model with configuration `model`. A file of another origin may lack any
// part: the task is then an endless stream with seed 0, and rotations are those that no training
// uses. Throws Error where a part is there but wrong.
TrainingRecord training_record_from_json(const nlohmann::json& object, const ModelConfig& model,
                                         std::string_view where);

}  // namespace reformer
