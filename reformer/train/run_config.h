// The settings of a run: everything that decides its result.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/base/settings.h"
#include "reformer/model/config.h"
#include "reformer/task/duplication.h"
#include "reformer/train/config.h"

namespace reformer {

struct RunConfig {
  ModelConfig model;
  TaskConfig task;
  TrainConfig train;
};

// "laptop" (minutes on two cores), "seed" and "paper" (the published runs), "smoke" (seconds).
const std::vector<std::string>& run_preset_names();

// The preset of that name; an unknown name is an Error with the nearest one.
RunConfig run_preset(std::string_view name);

// Throws Error when a part is invalid or the parts contradict each other.
void validate(const RunConfig& config);

// The sequences of a valid configuration.
DuplicationTask task_of(const RunConfig& config);

// Rotations to evaluate by: not those of training, unless the semantics fix them for all time.
uint64_t evaluation_rotation_seed(const RunConfig& config);

// Names of all settings are distinct, so that each is a flag.
std::vector<Setting> settings_of_run(RunConfig& config);

// {"model": {...}, "task": {...}, "train": {...}}
nlohmann::ordered_json to_json(const RunConfig& config);

// In which settings `found` is not `expected`, at most five named: "train.seed is 1, not 2; and 3
// more". Empty if in none. Both as to_json() writes them: {part: {name: value}}; parts that only
// `found` has are no settings.
std::string differing_settings(const nlohmann::json& found, const nlohmann::json& expected);

// Key of a part that tells people which program wrote a configuration; it is not read.
inline constexpr const char* kWrittenBy = "written_by";

// Throws Error unless `object` names every setting: the default of today could differ from what a
// run was begun with.
void require_all_settings(const nlohmann::json& object, std::string_view where);

// Reads such an object over `config`: what is absent keeps its value. Errors as in settings.h.
void from_json(const nlohmann::json& object, RunConfig& config, std::string_view where);

}  // namespace reformer
