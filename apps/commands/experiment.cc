// reformer experiment: runs a whole study.
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "apps/commands/commands.h"
#include "apps/commands/experiment_sweeps.h"
#include "apps/output.h"
#include "apps/setting_flags.h"
#include "apps/study_clock.h"
#include "apps/study_directory.h"
#include "apps/study_progress.h"
#include "apps/sweep_flags.h"
#include "apps/wall_clock.h"
#include "reformer/base/files.h"
#include "reformer/base/json_line.h"
#include "reformer/bench/study_time.h"
#include "reformer/experiment/study_runs.h"
#include "reformer/experiment/table2.h"
#include "reformer/experiment/table2_report.h"
#include "reformer/experiment/table2_seeds.h"

namespace reformer::apps {
namespace {

struct Table2Flags {
  int64_t seed = TrainConfig().seed;
  int64_t seeds = 1;
  int64_t rotations = 1;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("seed", seed, at_least(0), "seed of all four models");
    v("seeds", seeds, between(1, 1000), "run the study for so many seeds from --seed on");
    v("rotations", rotations, between(1, 1000), "evaluate every cell under so many rotation seeds");
  }
};

constexpr const char* kTable2Examples = R"(Examples:
  reformer experiment table2                           minutes on two cores
  reformer experiment table2 --size smoke --out out    seconds: does it run at all
  reformer experiment table2 --seeds 10 --rotations 5 --out out
                                                       mean and 95 % interval of every cell)";

constexpr const char* kGoesOn = R"(
With --out, Ctrl-C saves each model's run, and evaluations are kept as they are made: the same
command goes on with them.)";

class Table2Command {
 public:
  explicit Table2Command(CLI::App& command) : sweep_flags_(command) {
    command
        .add_option("--size", size_,
                    "laptop (minutes), smoke (seconds) or full ones (half an hour) [laptop]")
        ->type_name(internal::join_choices(table2_sizes()));
    command
        .add_option("--out", out_, "directory for the runs, table2.md, .csv, .json and the models")
        ->type_name("DIR");
    command.add_flag("--own-meaning", only_own_meaning_,
                     "evaluate only under the meaning of attention that the models learned with");
    flags_.add(command, settings_of(values_), "Options");
  }

  int run() {
    flags_.write_given(settings_of(values_));
    sweep_flags_.read(!out_.empty());
    table2_config(size_, "full", values_.seed);  // a wrong size is found before anything is created
    require_room(values_.seed, values_.seeds);
    if (out_.empty()) {
      print(result(nullptr));
      return 0;
    }
    const StudyDirectory directory(out_);
    StudyClock clock;
    time_.resumed = directory.holds_any(members()) || holds_evaluations(directory);
    if (const int signal = directory.train(members(), sweep_flags_)) return 128 + signal;
    print(result(&directory));
    report_time(clock, directory);
    return 0;
  }

 private:
  std::vector<SweepMember> members() const {
    return table2_members(size_, values_.seed, values_.seeds);
  }

  // Where the results of one training seed lie: beside its runs, see table2_members().
  std::filesystem::path place_of(int64_t seed, const std::filesystem::path& directory) const {
    return values_.seeds == 1 ? directory : directory / study_seed_name(seed);
  }

  bool holds_evaluations(const StudyDirectory& directory) const {
    for (int64_t i = 0; i < values_.seeds; ++i) {
      const auto place = place_of(values_.seed + i, directory.path()) / kStudyEvaluations;
      if (std::error_code ignored; std::filesystem::exists(place, ignored)) return true;
    }
    return false;
  }

  // What is printed, and is in the directory if there is one.
  std::string result(const StudyDirectory* directory) {
    ThreadPool pool(sweep_flags_.threads_of_one());
    if (values_.seeds == 1 && values_.rotations == 1) {
      const Table2 table = study(values_.seed, pool, directory);
      return json() ? table2_json(table).dump(2) + "\n" : table2_text(table);
    }
    const SeedSummary summary = summarise(study_seeds(pool, directory));
    if (directory != nullptr) write_summary(summary, directory->path());
    return json() ? summary_json(summary).dump(2) + "\n" : summary_text(summary);
  }

  Table2 study(int64_t seed, ThreadPool& pool, const StudyDirectory* directory) {
    StudyProgress progress(sweep_flags_.progress_options());
    Table2Options options{size_, seed, values_.rotations, only_own_meaning_};
    if (directory == nullptr) return run_table2(options, pool, progress);
    const std::filesystem::path place = place_of(seed, directory->path());
    options.kept = place / kStudyEvaluations;
    std::vector<TrainedModel> models;
    for (const SweepMember& member : members()) {
      if (member.config.train.seed != seed) continue;
      models.push_back(read_trained(directory->path() / member.name));
    }
    const double began = machine_clock().seconds();
    Table2 table = evaluate_table2(options, std::move(models), pool, progress);
    const double seconds = machine_clock().seconds() - began;
    time_.evaluation.add(evaluation_work(table, seconds, pool.size()));
    write_table2(table, place);
    return table;
  }

  // One study after the other; each is on disk before the next begins. The tables keep no models:
  // the summary needs none, and a thousand seeds would fill the memory.
  std::vector<Table2> study_seeds(ThreadPool& pool, const StudyDirectory* directory) {
    std::vector<Table2> tables;
    for (int64_t i = 0; i < values_.seeds; ++i) {
      const int64_t seed = values_.seed + i;
      if (!sweep_flags_.quiet()) {
        const std::string text = fmt::format("seed {} ({} of {})", seed, i + 1, values_.seeds);
        fmt::print(stderr, "{}\n", json() ? json_line({{"kind", "seed"}, {"text", text}}) : text);
      }
      tables.push_back(study(seed, pool, directory));
      tables.back().models.clear();
    }
    return tables;
  }

  void report_time(StudyClock& clock, const StudyDirectory& directory) {
    const std::vector<SweepMember> all = members();
    time_.training = training_work(all, directory.path(), sweep_flags_.threads_of_each(all.size()));
    time_.wall_seconds = clock.seconds();
    time_.peak = clock.peak();
    const std::filesystem::path file = directory.path() / "time.json";
    // A study that was done already took its time then.
    if (std::error_code ignored;
        time_.evaluation.count > 0 || !std::filesystem::exists(file, ignored)) {
      write_file_atomically(file, study_time_json(time_).dump(2) + "\n");
    }
    if (sweep_flags_.quiet()) return;
    if (!json()) {
      fmt::print(stderr, "{}", study_time_text(time_));
      return;
    }
    nlohmann::ordered_json line = {{"kind", "time"}};
    line.update(study_time_json(time_));
    fmt::print(stderr, "{}\n", json_line(line));
  }

  bool json() const { return sweep_flags_.json(); }

  SweepFlags sweep_flags_;
  std::string size_ = "laptop", out_;
  bool only_own_meaning_ = false;
  Table2Flags values_;
  SettingFlags flags_;
  StudyTime time_;
};

}  // namespace

void add_experiment(CLI::App& program, Action& chosen) {
  CLI::App* experiment = program.add_subcommand("experiment", "run a whole study");
  experiment->require_subcommand(1);
  CLI::App* table2 = experiment->add_subcommand(
      "table2", "four models, each evaluated under five attentions, beside the published tables");
  experiment->footer(kTable2Examples +
                     std::string("\n  reformer experiment discrepancy --seeds 3            "
                                 "half an hour: why the tables differ") +
                     kGoesOn);
  table2->footer(std::string(kTable2Examples) + kGoesOn);
  bind_command<Table2Command>(*table2, chosen);
  add_experiment_sweeps(*experiment, chosen);
  add_discrepancy(*experiment, chosen);
}

}  // namespace reformer::apps
