// reformer sweep: a grid of runs from one description.
#include <fmt/format.h>

#include "apps/commands/commands.h"
#include "apps/run_flags.h"
#include "apps/sweep_flags.h"
#include "apps/text_list.h"
#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"

namespace reformer::apps {
namespace {

constexpr const char* kSweepExamples = R"(Examples:
  reformer sweep --preset smoke --sweep lr=1e-3,1e-4 --seeds 3 --run runs/rates --jobs 2
  reformer sweep rates.json --run runs/rates           the same from a file
  reformer sweep --resume runs/rates                   go on with it

The file: {"preset": "smoke", "config": {"train": {"steps": 100}},
           "sweep": {"learning_rate": [1e-3, 1e-4]}, "seeds": 3}
Ctrl-C finishes a step of each run and saves.)";

class SweepCommand {
 public:
  explicit SweepCommand(CLI::App& command) : run_flags_(command), sweep_flags_(command) {
    const std::string group = "Sweep";
    command.add_option("FILE", file_, "description; instead of --sweep, --seeds and settings");
    repeatable(
        command.add_option("--sweep", axes_, "values of a setting; may be given several times"))
        ->type_name("SETTING=VALUE,...")
        ->group(group);
    seeds_option_ =
        command.add_option("--seeds", seeds_, "seeds of every combination, from --seed on [1]")
            ->group(group);
    command.add_option("--run", directory_, "directory of the sweep")
        ->type_name("DIR")
        ->group(group);
    command.add_option("--resume", resume_, "go on with the sweep in DIR")
        ->type_name("DIR")
        ->group(group);
  }

  int run() {
    if (resume_.empty() == directory_.empty()) {
      fail("reformer sweep", "expected one of --run and --resume, found {}",
           resume_.empty() ? "none" : "both");
    }
    return sweep_flags_.run(description(), directory_.empty() ? resume_ : directory_);
  }

 private:
  std::string other_than(bool file_counts) const {
    std::string other = run_flags_.first_given();
    if (other.empty() && !axes_.empty()) other = "--sweep";
    if (other.empty() && seeds_option_->count() > 0) other = "--seeds";
    if (other.empty() && file_counts && !file_.empty()) other = file_;
    return other;
  }

  Sweep description() const {
    const std::string other = other_than(!resume_.empty());
    if ((!resume_.empty() || !file_.empty()) && !other.empty()) {
      fail(resume_.empty() ? file_ : "--resume",
           "expected no {} beside it, for it describes the sweep; try without", other);
    }
    if (!resume_.empty()) return read_sweep(resume_);
    if (!file_.empty()) return sweep_from_json(parse_json(read_file(file_), file_), file_);
    Sweep sweep{run_flags_.resolve(), {}, seeds_};
    for (const std::string& axis : axes_) {
      const size_t name_end = std::min(axis.find('='), axis.size());
      const std::string named = setting_name(axis.substr(0, name_end)) + axis.substr(name_end);
      SweepAxis values = parse_axis(named, "--sweep");
      run_flags_.refuse(values.setting, "--sweep");
      add_axis(sweep, std::move(values));
    }
    return sweep;
  }

  RunFlags run_flags_;
  SweepFlags sweep_flags_;
  std::string file_, directory_, resume_;
  std::vector<std::string> axes_;
  int64_t seeds_ = 1;
  CLI::Option* seeds_option_ = nullptr;
};

}  // namespace

void add_sweep(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("sweep", "train a grid of runs");
  command->footer(kSweepExamples);
  bind_command<SweepCommand>(*command, chosen);
}

}  // namespace reformer::apps
