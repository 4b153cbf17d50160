#include "reformer/report/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reformer {
namespace {

constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+";

// As one word of a POSIX shell.
std::string shell_word(std::string_view text) {
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// These start from what the authors of an optimiser use where a flag chooses another one.
bool follows_optimizer(std::string_view name) {
  constexpr std::array kNames = {"beta1", "beta2", "epsilon", "weight_decay"};
  return std::ranges::find(kNames, name) != kNames.end();
}

std::vector<std::string> flags_over(RunConfig preset, RunConfig config) {
  const bool other_optimizer = preset.train.optimizer.kind != config.train.optimizer.kind;
  const std::vector<Setting> from = settings_of_run(preset);
  const std::vector<Setting> to = settings_of_run(config);
  std::vector<std::string> flags;
  for (size_t i = 0; i < to.size(); ++i) {
    const nlohmann::json value = to[i].get();
    const bool needed = other_optimizer && follows_optimizer(to[i].name);
    if (value == from[i].get() && !needed) continue;
    std::string flag = "--" + to[i].name;
    std::ranges::replace(flag, '_', '-');
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    flags.push_back(flag + " " + shell_word(text));
  }
  return flags;
}

}  // namespace

std::string training_command(const RunConfig& config, std::string_view run) {
  std::string best_preset;
  std::vector<std::string> best;
  for (const std::string& name : run_preset_names()) {
    std::vector<std::string> flags = flags_over(run_preset(name), config);
    if (best_preset.empty() || flags.size() < best.size()) {
      best_preset = name;
      best = std::move(flags);
    }
  }
  std::string out = fmt::format("reformer train --preset {}", best_preset);
  for (const std::string& flag : best) out += " " + flag;
  return out + " --run " + shell_word(run);
}

}  // namespace reformer
