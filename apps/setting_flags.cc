#include "apps/setting_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reformer/base/error.h"

namespace reformer::apps {
namespace {

constexpr std::pair<std::string_view, std::string_view> kShortNames[] = {{"hash_rounds", "hashes"},
                                                                         {"learning_rate", "lr"}};

std::string names_of(const Setting& setting) {
  std::string names = flag_name(setting.name);
  for (const auto& [name, short_name] : kShortNames) {
    if (name == setting.name) names += fmt::format(",--{}", short_name);
  }
  return names;
}

}  // namespace

std::string setting_name(std::string_view name) {
  for (const auto& [full, short_name] : kShortNames) {
    if (short_name == name) return std::string(full);
  }
  return std::string(name);
}

std::string flag_name(const std::string& setting_name) {
  std::string flag = "--" + setting_name;
  std::ranges::replace(flag, '_', '-');
  return flag;
}

void SettingFlags::add(CLI::App& command, const std::vector<Setting>& settings,
                       const std::string& group) {
  for (const Setting& setting : settings) {
    CLI::Option* option = command.add_option(names_of(setting), setting.help);
    option->group(group)->type_name(setting.type);
    if (setting.type == "true|false") option->expected(0, 1);
    flags_.push_back({setting.name, option});
  }
}

std::string SettingFlags::first_given() const {
  const auto flag =
      std::ranges::find_if(flags_, [](const Flag& f) { return f.option->count() > 0; });
  return flag == flags_.end() ? "" : flag_name(flag->setting_name);
}

bool SettingFlags::given(const std::string& setting_name) const {
  const auto flag = std::ranges::find(flags_, setting_name, &Flag::setting_name);
  return flag != flags_.end() && flag->option->count() > 0;
}

void SettingFlags::write_given(const std::vector<Setting>& settings) const {
  for (const auto& [name, option] : flags_) {
    const auto setting = std::ranges::find(settings, name, &Setting::name);
    if (setting == settings.end() || option->count() == 0) continue;
    std::string text = option->results().back();
    if (text.empty() && setting->type == "true|false") text = "true";
    set_from_text(*setting, text, flag_name(name));
  }
}

}  // namespace reformer::apps
