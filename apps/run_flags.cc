#include "apps/run_flags.h"

#include <fmt/ranges.h>

#include <functional>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"

namespace reformer::apps {
namespace {

// Changes `config` by `write`, which sets the same values every time it is called. The values of
// one optimiser mean nothing to another, so a change of the optimiser brings its own.
void change(RunConfig& config, const std::function<void(RunConfig&)>& write) {
  RunConfig changed = config;
  write(changed);
  const OptimizerKind kind = changed.train.optimizer.kind;
  if (kind != config.train.optimizer.kind) {
    config.train.optimizer = optimizer_defaults(kind);
    write(config);
  } else {
    config = changed;
  }
}

}  // namespace

RunFlags::RunFlags(CLI::App& command) : command_(&command) {
  command.add_option("--preset", preset_, "values to start from [laptop]")
      ->type_name(internal::join_choices(run_preset_names()));
  command.add_option("--config", file_, "configuration as `reformer config` prints it")
      ->type_name("FILE");
  RunConfig config;
  flags_.add(command, settings_of(config.model), "Model");
  flags_.add(command, settings_of(config.task), "Task");
  flags_.add(command, settings_of(config.train), "Training");
}

std::string RunFlags::first_given() const {
  for (const char* flag : {"--preset", "--config"}) {
    if (command_->count(flag) > 0) return flag;
  }
  return flags_.first_given();
}

void RunFlags::refuse(const std::string& setting, std::string_view other) const {
  if (!flags_.given(setting)) return;
  fail(flag_name(setting), "expected its values by {} only, found both; try without {}", other,
       flag_name(setting));
}

RunConfig RunFlags::resolve() const {
  RunConfig config = run_preset(preset_);
  if (!file_.empty()) {
    const nlohmann::json object = parse_json(read_file(file_), file_);
    change(config, [&](RunConfig& c) { from_json(object, c, file_); });
  }
  change(config, [&](RunConfig& c) { flags_.write_given(settings_of_run(c)); });
  validate(config);
  return config;
}

}  // namespace reformer::apps
