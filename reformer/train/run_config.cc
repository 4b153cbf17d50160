#include "reformer/train/run_config.h"

#include <algorithm>
#include <iterator>

#include "reformer/attention/semantics.h"
#include "reformer/base/differences.h"
#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/model/later_settings.h"

namespace reformer {
namespace {

// What the seed report trained on: the rows that PyTorch draws, the same in every epoch.
TaskConfig seed_report_task() {
  TaskConfig task;
  task.generator = Generator::torch;
  return task;
}

TaskConfig paper_task() {
  TaskConfig task;
  task.form = TaskForm::paper;
  task.source = DataSource::stream;
  return task;
}

TaskConfig stream_task(int64_t validation_rows) {
  TaskConfig task;
  task.source = DataSource::stream;
  task.validation_rows = validation_rows;
  return task;
}

}  // namespace

const std::vector<std::string>& run_preset_names() {
  static const std::vector<std::string> names = {"laptop", "full",  "full-seed", "full-paper",
                                                 "seed",   "paper", "smoke"};
  return names;
}

RunConfig run_preset(std::string_view name) {
  if (name == "laptop") return {model_preset(name), stream_task(1280), train_preset(name)};
  if (name == "full" || name == "full-seed") {
    return {model_preset(name), stream_task(1280), train_preset(name)};
  }
  if (name == "full-paper") return {model_preset(name), paper_task(), train_preset(name)};
  if (name == "seed") return {model_preset(name), seed_report_task(), train_preset(name)};
  if (name == "paper") return {model_preset(name), paper_task(), train_preset(name)};
  if (name == "smoke") return {model_preset(name), stream_task(128), train_preset(name)};
  fail("preset", "expected one of {}, found '{}'{}", fmt::join(run_preset_names(), ", "), name,
       did_you_mean(name, run_preset_names()));
}

void validate(const RunConfig& config) {
  validate(config.model);
  validate(config.train);
  TaskConfig copy = config.task;
  check_settings(settings_of(copy), "task");
  const DuplicationTask task = task_of(config);
  if (task.vocabulary_needed() > config.model.vocabulary) {
    fail("config", "expected a vocabulary of at least {} for this task, found {}; try {}",
         task.vocabulary_needed(), config.model.vocabulary, task.vocabulary_needed());
  }
}

DuplicationTask task_of(const RunConfig& config) {
  return {config.task, config.model.length, config.model.input_shift,
          static_cast<uint64_t>(config.train.seed)};
}

uint64_t evaluation_rotation_seed(const RunConfig& config) {
  const auto seed = static_cast<uint64_t>(config.train.seed);
  return semantics_preset(config.model.semantics).rotations_per_step ? ~seed : seed;
}

std::vector<Setting> settings_of_run(RunConfig& config) {
  std::vector<Setting> all = settings_of(config.model);
  for (auto part : {settings_of(config.task), settings_of(config.train)}) {
    all.insert(all.end(), std::make_move_iterator(part.begin()),
               std::make_move_iterator(part.end()));
  }
  return all;
}

nlohmann::ordered_json to_json(const RunConfig& config) {
  RunConfig copy = config;
  return {{"model", settings_to_json(settings_of(copy.model))},
          {"task", settings_to_json(settings_of(copy.task))},
          {"train", settings_to_json(settings_of(copy.train))}};
}

std::string differing_settings(const nlohmann::json& found, const nlohmann::json& expected) {
  Differences differences;
  const auto text_of = [](const nlohmann::json* value) {
    if (value == nullptr) return std::string("absent");
    return value->is_array() ? value->dump() : describe(*value);
  };
  const auto value_in = [](const nlohmann::json& settings, const std::string& name) {
    return settings.contains(name) ? &settings.at(name) : nullptr;
  };
  for (const auto& [part, wanted] : expected.items()) {
    const bool has_part = found.contains(part) && found.at(part).is_object();
    const nlohmann::json is = has_part ? found.at(part) : nlohmann::json::object();
    nlohmann::json names = wanted;
    names.update(is);  // also what only `found` has
    for (const auto& [name, unused] : names.items()) {
      const nlohmann::json* a = value_in(is, name);
      const nlohmann::json* b = value_in(wanted, name);
      if (a != nullptr && b != nullptr && *a == *b) continue;
      differences.add("{}.{} is {}, not {}", part, name, text_of(a), text_of(b));
    }
  }
  return differences.text();
}

void require_all_settings(const nlohmann::json& object, std::string_view where) {
  const nlohmann::ordered_json all = to_json(RunConfig());
  for (const auto& [part, settings] : all.items()) {
    for (const auto& [name, value] : settings.items()) {
      if (object.contains(part) && object.at(part).contains(name)) continue;
      if (part == "model" && std::ranges::count(kLaterModelSettings, name) > 0) continue;
      if (part == "train" && std::ranges::count(kLaterTrainSettings, name) > 0) continue;
      fail(where,
           "expected a setting \"{}\" in \"{}\", found none; try the version of reformer "
           "that wrote it",
           name, part);
    }
  }
}

void from_json(const nlohmann::json& object, RunConfig& config, std::string_view where) {
  if (!object.is_object()) fail(where, "expected an object, found {}", describe(object));
  RunConfig result = config;
  const std::vector<std::string> parts = {"model", "task", "train", kWrittenBy};
  for (const auto& [key, value] : object.items()) {
    const std::string place = fmt::format("{}: {}", where, key);
    if (key == "model") {
      settings_from_json(settings_of(result.model), value, place);
    } else if (key == "task") {
      settings_from_json(settings_of(result.task), value, place);
    } else if (key == "train") {
      settings_from_json(settings_of(result.train), value, place);
    } else if (key != kWrittenBy) {
      fail(where, "expected one of {}, found {}{}", fmt::join(parts, ", "), quote_text(key),
           did_you_mean(key, parts));
    }
  }
  config = result;
}

}  // namespace reformer
