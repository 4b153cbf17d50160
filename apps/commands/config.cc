// reformer config: shows configurations, settings and meanings of attention.

#include "apps/commands/commands.h"
#include "apps/output.h"
#include "apps/run_flags.h"
#include "apps/settings_table.h"

namespace reformer::apps {
namespace {

constexpr const char* kConfigExamples = R"(Examples:
  reformer config --preset paper > paper.json          edit it, then: reformer train --config paper.json
  reformer config --attention lsh --hashes 2           what the flags come to
  reformer config --list                               every setting: type, default, range, meaning
  reformer config --semantics                          what the published programs mean by attention)";

class ConfigCommand {
 public:
  explicit ConfigCommand(CLI::App& command) : run_flags_(command) {
    const std::string group = "Tables";
    command.add_flag("--list", list_, "every setting as a table")->group(group);
    command.add_flag("--markdown", markdown_, "tables in Markdown")->group(group);
    // The setting of that name, which names one of the meanings, here shows them all when it is
    // left without a name.
    semantics_ = command.get_option("--semantics");
    semantics_->expected(0, 1)->description("meaning of attention; without NAME: all, as a table");
    semantics_->type_name("[NAME]");
  }

  int run() const {
    const TableStyle style = markdown_ ? TableStyle::markdown : TableStyle::text;
    if (semantics_->count() > 0 && semantics_->results().back().empty()) {
      print(semantics_table(style));
      return 0;
    }
    const RunConfig config = run_flags_.resolve();
    print(list_ ? settings_table(config, style) : to_json(config).dump(2) + "\n");
    return 0;
  }

 private:
  RunFlags run_flags_;
  CLI::Option* semantics_ = nullptr;
  bool list_ = false, markdown_ = false;
};

}  // namespace

void add_config(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("config", "show configurations and settings");
  command->footer(kConfigExamples);
  bind_command<ConfigCommand>(*command, chosen);
}

}  // namespace reformer::apps
