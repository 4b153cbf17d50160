// A flag for every setting: declared once in a configuration's `visit`, see
// reformer/base/settings.h.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/base/settings.h"

namespace reformer::apps {

// hash_rounds -> --hash-rounds
std::string flag_name(const std::string& setting_name);

// learning_rate for lr: some settings have a second name, by which people know the thing. Any other
// name comes back as it is.
std::string setting_name(std::string_view name);

class SettingFlags {
 public:
  // Adds one flag for each of `settings` to the command, shown by --help under `group`. A switch
  // (true|false) may stand without a value: it then means true.
  void add(CLI::App& command, const std::vector<Setting>& settings, const std::string& group);

  // The first flag that the command line has, or "".
  std::string first_given() const;

  bool given(const std::string& setting_name) const;

  // Writes what the command line gave to those of `settings` that have a flag. Throws Error that
  // names the flag.
  void write_given(const std::vector<Setting>& settings) const;

 private:
  struct Flag {
    std::string setting_name;
    CLI::Option* option;
  };
  std::vector<Flag> flags_;
};

}  // namespace reformer::apps
