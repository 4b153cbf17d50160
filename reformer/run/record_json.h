// Rows of a run's database as JSON objects. The keys are the columns, in their order; a number that
// was not measured, or is not finite, is null. docs/run-format.md.
#pragma once

#include <nlohmann/json.hpp>

#include "reformer/run/run_records.h"

namespace reformer {

nlohmann::ordered_json to_json(const RunState& state);
nlohmann::ordered_json to_json(const Session& session);
nlohmann::ordered_json to_json(const StepMetrics& metrics);
nlohmann::ordered_json to_json(const EvaluationRecord& evaluation);
nlohmann::ordered_json to_json(const Event& event);

}  // namespace reformer
