// The flags that say what is trained, and the configuration that they come to.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "apps/setting_flags.h"
#include "reformer/train/run_config.h"

namespace reformer::apps {

class RunFlags {
 public:
  // Adds --preset, --config and a flag for every setting. Must outlive the parsing.
  explicit RunFlags(CLI::App& command);

  // The preset, with the file's values over it, with the flags' values over these. Where the file
  // or a flag chooses another optimiser, its other values start from what its authors use. The
  // result is valid.
  RunConfig resolve() const;

  // Throws Error, naming `other`, when the command line has the flag of `setting`, whose values
  // come from `other`.
  void refuse(const std::string& setting, std::string_view other) const;

  // The first of these flags that the command line has: "--preset", or "" when it has none.
  std::string first_given() const;

 private:
  const CLI::App* command_;
  std::string preset_ = "laptop";
  std::string file_;
  SettingFlags flags_;
};

}  // namespace reformer::apps
