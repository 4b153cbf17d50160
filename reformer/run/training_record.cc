#include "reformer/run/training_record.h"

#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer {
namespace {

constexpr const char* kStepsDone = "steps_done";
constexpr const char* kRotationSeed = "rotation_seed";

uint64_t unsigned_from_json(const nlohmann::json& value, std::string_view where) {
  if (!value.is_number_unsigned()) {
    fail(where, "expected an integer of at least 0, found {}", describe(value));
  }
  return value.get<uint64_t>();
}

}  // namespace

nlohmann::json to_json(const TrainingRecord& record) {
  nlohmann::json object = to_json(record.config);
  object[kStepsDone] = record.steps_done;
  object[kRotationSeed] = record.rotation_seed;
  return object;
}

TrainingRecord training_record_from_json(const nlohmann::json& object, const ModelConfig& model,
                                         std::string_view where) {
  TrainingRecord record;
  record.config.task.source = DataSource::stream;
  record.config.train.seed = 0;
  nlohmann::json parts = nlohmann::json::object();
  for (const char* part : {"task", "train"}) {
    if (object.contains(part)) parts[part] = object.at(part);
  }
  from_json(parts, record.config, where);
  record.config.model = model;
  if (object.contains(kStepsDone)) {
    record.steps_done = internal::integer_from_json(object.at(kStepsDone), at_least(0),
                                                    fmt::format("{}: {}", where, kStepsDone));
  }
  record.rotation_seed = ~static_cast<uint64_t>(record.config.train.seed);
  if (object.contains(kRotationSeed)) {
    record.rotation_seed =
        unsigned_from_json(object.at(kRotationSeed), fmt::format("{}: {}", where, kRotationSeed));
  }
  return record;
}

}  // namespace reformer
