// reformer experiment: runs a whole study.
#include <fmt/format.h>

#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "apps/commands/commands.h"
#include "apps/output.h"
#include "apps/setting_flags.h"
#include "apps/study_progress.h"
#include "apps/threads_flag.h"
#include "reformer/base/error.h"
#include "reformer/experiment/table2.h"
#include "reformer/experiment/table2_report.h"
#include "reformer/experiment/table2_seeds.h"
#include "reformer/run/output_directory.h"

namespace reformer::apps {
namespace {

struct Table2Flags : ThreadsFlag {
  int64_t seed = TrainConfig().seed;
  int64_t seeds = 1;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("seed", seed, at_least(0), "seed of all four models");
    v("seeds", seeds, between(1, 1000), "run the study for so many seeds from --seed on");
    ThreadsFlag::visit(v);
  }
};

constexpr const char* kExamples = R"(Examples:
  reformer experiment table2                           minutes on two cores
  reformer experiment table2 --size smoke --out out    seconds: does it run at all
  reformer experiment table2 --seeds 10 --out out      half an hour: mean and spread of every cell)";

class Table2Command {
 public:
  explicit Table2Command(CLI::App& command) {
    command.add_option("--size", size_, "laptop (minutes) or smoke (seconds) [laptop]")
        ->type_name(internal::join_choices(table2_sizes()));
    command.add_option("--out", out_, "directory for table2.md, .csv, .json and the models")
        ->type_name("DIR");
    flags_.add(command, settings_of(values_), "Options");
    command.add_flag("--quiet", quiet_, "show no progress");
    command.add_flag("--json", json_, "print the result as JSON");
  }

  int run() {
    flags_.write_given(settings_of(values_));
    table2_config(size_, "full", values_.seed);  // a wrong size is found before anything is created
    if (values_.seed > std::numeric_limits<int64_t>::max() - (values_.seeds - 1)) {
      fail("--seed", "expected room for {} seeds below 2^63, found {}; try a smaller one",
           values_.seeds, values_.seed);
    }
    std::optional<OutputDirectory> directory;
    if (!out_.empty()) directory.emplace(out_);
    ThreadPool pool(static_cast<int>(values_.threads));
    if (values_.seeds == 1) {
      const Table2 table = study(values_.seed, pool);
      if (directory) write_table2(table, directory->path());
      print(json_ ? table2_json(table).dump(2) + "\n" : table2_text(table));
    } else {
      const SeedSummary summary = summarise(study_seeds(pool, directory));
      if (directory) write_summary(summary, directory->path());
      print(json_ ? summary_json(summary).dump(2) + "\n" : summary_text(summary));
    }
    return 0;
  }

 private:
  Table2 study(int64_t seed, ThreadPool& pool) const {
    StudyProgress progress(quiet_);
    return run_table2(size_, seed, pool, progress);
  }

  // One study after the other; each is on disk before the next begins. The tables keep no models:
  // the summary needs none, and a thousand seeds would fill the memory.
  std::vector<Table2> study_seeds(ThreadPool& pool,
                                  const std::optional<OutputDirectory>& directory) const {
    std::vector<Table2> tables;
    for (int64_t i = 0; i < values_.seeds; ++i) {
      const int64_t seed = values_.seed + i;
      if (!quiet_) fmt::print(stderr, "seed {} ({} of {})\n", seed, i + 1, values_.seeds);
      tables.push_back(study(seed, pool));
      if (directory) {
        write_table2(tables.back(), directory->path() / fmt::format("seed-{}", seed));
      }
      tables.back().models.clear();
    }
    return tables;
  }

  std::string size_ = "laptop", out_;
  bool quiet_ = false, json_ = false;
  Table2Flags values_;
  SettingFlags flags_;
};

}  // namespace

void add_experiment(CLI::App& program, Action& chosen) {
  CLI::App* experiment = program.add_subcommand("experiment", "run a whole study");
  experiment->require_subcommand(1);
  CLI::App* table2 = experiment->add_subcommand(
      "table2", "four models, each evaluated under five attentions, beside the published tables");
  experiment->footer(kExamples + std::string("\n  reformer experiment discrepancy --seeds 3        "
                                             "half an hour: why the tables differ"));
  table2->footer(kExamples);
  auto state = std::make_shared<Table2Command>(*table2);
  table2->callback([state, &chosen] { chosen = [state] { return state->run(); }; });
  add_discrepancy(*experiment, chosen);
}

}  // namespace reformer::apps
