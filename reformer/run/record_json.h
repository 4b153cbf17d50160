// Rows of a run's database as JSON objects. The keys are the columns, in their order; a number that
// was not measured, or is not finite, is null. docs/run-format.md.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "reformer/run/run_records.h"

namespace reformer {

nlohmann::ordered_json to_json(const RunState& state);
nlohmann::ordered_json to_json(const Session& session);
nlohmann::ordered_json to_json(const StepMetrics& metrics);
nlohmann::ordered_json to_json(const EvaluationRecord& evaluation);
nlohmann::ordered_json to_json(const Event& event);

// Each reads what the one above writes. Throws Error for a key that is missing or unknown, and a
// value of another type; `where` names the row.
void from_json(const nlohmann::json& row, RunState& state, std::string_view where);
void from_json(const nlohmann::json& row, Session& session, std::string_view where);
void from_json(const nlohmann::json& row, StepMetrics& metrics, std::string_view where);
void from_json(const nlohmann::json& row, EvaluationRecord& evaluation, std::string_view where);
void from_json(const nlohmann::json& row, Event& event, std::string_view where);

}  // namespace reformer
