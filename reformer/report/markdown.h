// A report as Markdown, for a README or a comment.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace reformer {

// Runs with their last state, settings in which they differ, tables beside the published ones,
// verdicts on discrepancies, speed, problems. Text from outside is escaped.
std::string report_markdown(const nlohmann::ordered_json& document);

}  // namespace reformer
