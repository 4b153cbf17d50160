// reformer bench: how fast this machine is, and which part of it the program uses.
#include "reformer/bench/bench.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/commands/commands.h"
#include "apps/live_line.h"
#include "apps/output.h"
#include "apps/setting_flags.h"
#include "apps/text_list.h"
#include "apps/threads_flag.h"
#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/base/text_table.h"
#include "reformer/bench/bench_report.h"

namespace reformer::apps {
namespace {

struct BenchFlags : ThreadsFlag {
  int64_t repeats = BenchPlan().repeats;
  int64_t sequences = BenchPlan().sequences;
  int64_t step_tokens = 0;
  int64_t full_up_to = BenchPlan().full_up_to;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("repeats", repeats, between(1, 1000), "runs of each; medians are shown");
    v("sequences", sequences, between(1, 1e9), "sequences that an evaluation takes");
    v("step_tokens", step_tokens, between(0, 1e9),
      "tokens of a training step, whatever its length");
    v("full_up_to", full_up_to, between(0, 1e9), "longest attention alone that is full");
    ThreadsFlag::visit(v);
  }
};

constexpr const char* kBenchExamples = R"(Examples:
  reformer bench --quick                               does it run, and roughly how fast
  reformer bench --only train-step --batch 16,32,64    training steps at full size
  reformer bench --only attention --lengths 1024,65536 --attention lsh-4 --json

--only takes kernels, attention, train-step, evaluate, start-up, scaling and table2.)";

// Which parts ask for what a flag says.
struct PartsOfFlag {
  const char* flag;
  std::vector<BenchPart> parts;
};
const std::vector<PartsOfFlag>& parts_of_flags() {
  using enum BenchPart;
  static const std::vector<PartsOfFlag> all = {
      {"--attention", {kernels, attention, train_step, evaluate, scaling}},
      {"--batch", {train_step, scaling}},
      {"--lengths", {attention, train_step, scaling}},
      {"--precision", {train_step}},
      {"--sequences", {evaluate, table2}},
      {"--step-tokens", {train_step}},
      {"--full-up-to", {attention}}};
  return all;
}

constexpr int64_t kLongest = int64_t{1} << 24;

class BenchCommand {
 public:
  explicit BenchCommand(CLI::App& command) : command_(command) {
    command.add_option("--only", parts_, "parts to measure [all but table2]")
        ->type_name("PART,...");
    command.add_option("--size", plan_.size, "the model [seed]")
        ->type_name(internal::join_choices(run_preset_names()));
    command.add_option("--attention", attentions_, "full, lsh-4, ... [full, lsh-1, -2, -4, -8]")
        ->type_name("NAME,...");
    command.add_option("--batch", batches_, "sequences of a training step [the size's]")
        ->type_name("B,...");
    command.add_option("--lengths", lengths_, "tokens of attention alone and of a training step")
        ->type_name("T,...");
    command
        .add_option("--precision", precisions_, "of training steps [fp32, bf16 if the CPU has it]")
        ->type_name("fp32,bf16");
    flags_.add(command, settings_of(values_), "Options");
    command.add_flag("--quick", quick_, "one short run of each, for a first look");
    command.add_flag("--quiet", quiet_, "show no progress");
    command.add_flag("--json", json_, "print the result as JSON");
  }

  int run() {
    const BenchPlan chosen = plan();  // before the threads are asked for: it takes the flags
    const BenchResult result = run_bench(chosen, static_cast<int>(values_.threads),
                                         [&](std::string_view part) { show(part); });
    line_.clear();
    if (json_) {
      print(bench_json(result).dump(2) + "\n");
      return 0;
    }
    std::string text = bench_headline(result) + "\n";
    for (const BenchTable& table : bench_tables(result)) {
      std::vector<bool> right(table.rows.front().size(), true);
      right[0] = false;
      text += "\n" + table.title + "\n\n" + text_table(table.rows, right);
    }
    print(text);
    return 0;
  }

 private:
  void show(std::string_view what) {
    if (quiet_) return;
    if (line_.on_terminal()) {
      line_.show("bench", what);
    } else {
      line_.write(fmt::format("bench: {}", what));
    }
  }

  BenchPlan plan() {
    if (quick_) {
      values_.sequences = 16;
      values_.repeats = 1;
      values_.full_up_to = 4096;
    }
    flags_.write_given(settings_of(values_));
    if (quick_ && values_.step_tokens == 0) plan_.batches = {8};
    plan_.repeats = values_.repeats;
    plan_.sequences = values_.sequences;
    plan_.step_tokens = values_.step_tokens;
    plan_.full_up_to = values_.full_up_to;
    if (!parts_.empty()) plan_.parts.clear();
    for (const std::string& part : split_list("--only", parts_)) {
      plan_.parts.push_back(bench_part(part));
    }
    if (!attentions_.empty()) plan_.attentions = split_list("--attention", attentions_);
    if (!batches_.empty()) plan_.batches = split_integers("--batch", batches_, 1, kLongest);
    if (!lengths_.empty()) plan_.lengths = split_integers("--lengths", lengths_, 1, kLongest);
    for (const std::string& name : split_list("--precision", precisions_)) {
      plan_.precisions.push_back(bench_precision(name));
    }
    for (const PartsOfFlag& of : parts_of_flags()) {
      if (command_.get_option(of.flag)->count() > 0) require_any(of);
    }
    return plan_;
  }

  void require_any(const PartsOfFlag& of) const {
    if (std::ranges::any_of(of.parts, [&](BenchPart part) { return plan_.has(part); })) return;
    std::vector<std::string> names;
    for (const BenchPart part : of.parts) {
      names.push_back(bench_part_names()[static_cast<size_t>(part)]);
    }
    fail(of.flag, "expected a part that it is for ({}), found --only {}; try without it",
         fmt::join(names, ", "), parts_);
  }

  const CLI::App& command_;
  BenchPlan plan_;
  BenchFlags values_;
  SettingFlags flags_;
  std::string parts_, attentions_, batches_, lengths_, precisions_;
  bool quick_ = false, quiet_ = false, json_ = false;
  LiveLine line_;
};

}  // namespace

void add_bench(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("bench", "measure speed and memory on this machine");
  command->footer(kBenchExamples);
  bind_command<BenchCommand>(*command, chosen);
}

}  // namespace reformer::apps
