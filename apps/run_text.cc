#include "apps/run_text.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "reformer/base/json.h"
#include "reformer/run/record_json.h"

namespace reformer::apps {

std::string plain_text(std::string_view text) {
  const std::string quoted = quote_text(text);
  return quoted.substr(1, quoted.size() - 2);
}

std::string printable(std::string_view text) {
  const auto replace = nlohmann::json::error_handler_t::replace;
  const std::string quoted = nlohmann::json(text).dump(-1, ' ', /*ensure_ascii=*/true, replace);
  std::string out;  // quotes and backslashes as they are, for messages are full of quotes
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] == '\\' && (quoted[i + 1] == '"' || quoted[i + 1] == '\\')) ++i;
    out += quoted[i];
  }
  return out;
}

std::string json_text(const nlohmann::ordered_json& document) {
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string number_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.4f}", value) : "";
}

std::string percent_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.2f} %", 100 * value) : "";
}

std::string time_text(double unix_seconds) {
  constexpr double kLast = 253'402'300'799;  // of the year 9999
  const bool known = std::isfinite(unix_seconds) && 0 <= unix_seconds && unix_seconds <= kLast;
  if (!known) return "";
  const auto seconds = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", utc);
}

nlohmann::ordered_json summary_json(const RunSummary& summary) {
  nlohmann::ordered_json object = {{"path", summary.path.string()}};
  if (!summary.error.empty()) {
    object["error"] = summary.error;
    return object;
  }
  object["status"] = summary.status();
  const nlohmann::ordered_json state = to_json(summary.state);
  for (const auto& [column, value] : state.items()) {
    if (column != "status") object[column] = value;
  }
  object["last"] = nullptr;
  object["best"] = nullptr;
  if (summary.last) object["last"] = to_json(*summary.last);
  if (summary.best) object["best"] = to_json(*summary.best);
  return object;
}

}  // namespace reformer::apps
