#include "apps/setting_flags.h"

#include <algorithm>

#include "reformer/base/error.h"

namespace reformer::apps {
namespace {

// A second name where people know the thing by another word.
std::string names_of(const Setting& setting) {
  const std::string flag = flag_name(setting.name);
  return setting.name == "hash_rounds" ? flag + ",--hashes" : flag;
}

}  // namespace

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
