#include "apps/settings_table.h"

#include <fmt/format.h>

#include <cmath>

#include "apps/setting_flags.h"
#include "reformer/attention/semantics.h"
#include "reformer/base/text_table.h"

namespace reformer::apps {
namespace {

std::string value_text(const Setting& setting) {
  const nlohmann::json value = setting.get();
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string range_text(const Setting& setting) {
  if (!setting.choices.empty()) return internal::join_choices(setting.choices);
  const auto [low, high] = setting.range;
  if (std::isfinite(low) && std::isfinite(high)) return fmt::format("{} .. {}", low, high);
  if (std::isfinite(low)) return fmt::format(">= {}", low);
  if (std::isfinite(high)) return fmt::format("<= {}", high);
  return "";
}

std::string render(const TableRows& rows, TableStyle style) {
  return style == TableStyle::markdown ? markdown_table(rows) : text_table(rows);
}

std::string part_table(const std::string& part, const std::vector<Setting>& settings,
                       TableStyle style) {
  TableRows rows = {{"flag", "type", "default", "range", "meaning"}};
  for (const Setting& setting : settings) {
    rows.push_back({flag_name(setting.name), setting.choices.empty() ? setting.type : "choice",
                    value_text(setting), range_text(setting), setting.help});
  }
  return fmt::format("{}{}\n\n{}", style == TableStyle::markdown ? "### " : "", part,
                     render(rows, style));
}

}  // namespace

std::string settings_table(RunConfig config, TableStyle style) {
  return part_table("model", settings_of(config.model), style) + "\n" +
         part_table("task", settings_of(config.task), style) + "\n" +
         part_table("train", settings_of(config.train), style);
}

std::string semantics_table(TableStyle style) {
  AttentionSemantics first = semantics_preset(semantics_names().front());
  TableRows rows = {{"switch"}};
  for (const Setting& setting : settings_of(first)) rows.push_back({setting.name});
  for (const std::string& name : semantics_names()) {
    AttentionSemantics preset = semantics_preset(name);
    rows[0].push_back(name);
    size_t row = 1;
    for (const Setting& setting : settings_of(preset)) {
      const bool same = rows[row].size() > 1 && value_text(setting) == rows[row][1];
      rows[row++].push_back(same ? "." : value_text(setting));
    }
  }
  return render(rows, style);
}

}  // namespace reformer::apps
