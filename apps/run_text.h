// Pieces of what is shown of runs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "reformer/run/run_summary.h"

namespace reformer::apps {

// What a file says, for a terminal: ASCII without control characters, long text cut.
std::string plain_text(std::string_view text);

// The same without a limit to its length.
std::string printable(std::string_view text);

// A document with indentation; what is not UTF-8 in it is replaced.
std::string json_text(const nlohmann::ordered_json& document);

// "" where the number is not known.
std::string number_text(double value);   // 4.1234
std::string percent_text(double value);  // 0.125 -> "12.50 %"

// "2026-11-24 08:30:00" UTC
std::string time_text(double unix_seconds);

// {"path", "error"}, or {"path", "status", ...the columns of `run`..., "last", "best"}.
nlohmann::ordered_json summary_json(const RunSummary& summary);

}  // namespace reformer::apps
