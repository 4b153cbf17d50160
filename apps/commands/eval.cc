// reformer eval: evaluates a saved model under any attention and any meaning of it.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "apps/commands/commands.h"
#include "apps/live_line.h"
#include "apps/model_flags.h"
#include "apps/output.h"
#include "apps/run_text.h"
#include "apps/setting_flags.h"
#include "apps/text_list.h"
#include "apps/threads_flag.h"
#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/base/text_table.h"
#include "reformer/experiment/cross_evaluation.h"
#include "reformer/experiment/provenance.h"
#include "reformer/experiment/published.h"
#include "reformer/run/stored_model.h"

namespace reformer::apps {
namespace {

struct EvalFlags : ThreadsFlag {
  int64_t sequences = 1280;
  int64_t data_seed = 0;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("sequences", sequences, between(1, 1e9), "validation sequences [as in training]");
    v("data_seed", data_seed, at_least(0), "seed of the sequences [as in training]");
    ThreadsFlag::visit(v);
  }
};

constexpr const char* kEvalExamples = R"(Examples:
  reformer eval runs/lsh-4-seed42                           under five attentions
  reformer eval runs/lsh-4-seed42 --attention full --semantics all
  reformer eval runs/lsh-4-seed42 --attention full --semantics seed --change full_key_norm=unit
  reformer eval model.safetensors --attention lsh-8 --rotation-seed 1,2,3 --json

Without options this repeats the evaluation of training, and adds the other attentions.)";

class EvalCommand {
 public:
  explicit EvalCommand(CLI::App& command) {
    command.add_option("PATH", path_, "a run's directory, a model or a checkpoint")
        ->required()
        ->type_name("");
    const std::string group = "Attention";
    repeatable(command.add_option("--attention", attentions_,
                                  "full, lsh-8, ... [the own, full, lsh-8 ... 1]"))
        ->type_name("NAME,...")
        ->group(group);
    repeatable(command.add_option("--semantics", semantics_,
                                  "meanings of attention, or all [the model's]"))
        ->type_name("NAME,...")
        ->group(group);
    repeatable(command.add_option("--change", switches_,
                                  "switches of those meanings, one or more changed"))
        ->type_name("SWITCH=VALUE,...")
        ->group(group);
    repeatable(command.add_option("--rotation-seed", rotation_seeds_,
                                  "seeds of the hashing [as in training]"))
        ->type_name("SEED,...")
        ->group(group);
    RunConfig config;
    changes_.add(command, evaluation_settings(config), group);
    flags_.add(command, settings_of(values_), "Evaluation");
    command.add_flag("--quiet", quiet_, "show no progress")->group("Evaluation");
    command.add_flag("--json", json_, "print the result as JSON")->group("Evaluation");
  }

  int run() {
    flags_.write_given(settings_of(values_));
    const StoredModel model = open_model(path_);
    record_ = model.record;
    const RunConfig config = changed_config();
    validate(config);
    choose_defaults(config);

    ThreadPool pool(static_cast<int>(values_.threads));
    CrossEvaluation evaluation(config, model.file.parameters, pool);
    evaluate_all(evaluation);
    print(json_ ? json_result(model.path, config) : text_result(model.path, config));
    return 0;
  }

 private:
  RunConfig changed_config() const {
    RunConfig config = record_.config;
    changes_.write_given(evaluation_settings(config));
    if (flags_.given("sequences")) config.task.validation_rows = values_.sequences;
    if (flags_.given("data_seed")) config.train.seed = values_.data_seed;
    return config;
  }

  // Everything is checked before the first evaluation.
  void choose_defaults(const RunConfig& config) {
    names_ = split_list("--attention", attentions_);
    if (names_.empty()) {
      names_.push_back(attention_of(config.model, 0).name());
      for (const auto name : kEvaluatedWith) {
        if (name != names_.front()) names_.emplace_back(name);
      }
    }
    AttentionChoice choice;
    for (const std::string& name : names_) choose_attention(choice, name);

    std::vector<std::string> meanings = split_list("--semantics", semantics_);
    if (meanings.empty()) meanings = {config.model.semantics};
    if (meanings == std::vector<std::string>{"all"}) meanings = semantics_names();
    const std::vector<std::string> changes = split_list("--change", switches_);
    require_different_switches(changes);
    for (const std::string& name : meanings) meanings_.push_back(changed_preset(name, changes));

    for (const std::string& text : split_list("--rotation-seed", rotation_seeds_)) {
      seeds_.push_back(rotation_seed_of(text));
    }
    if (seeds_.empty()) seeds_.push_back(record_.rotation_seed);
  }

  // Full attention does not hash: one seed is as good as all.
  std::vector<uint64_t> seeds_for(const std::string& name) const {
    return name == "full" ? std::vector{seeds_.front()} : seeds_;
  }

  void evaluate_all(CrossEvaluation& evaluation) {
    LiveLine line;
    for (const NamedSemantics& meaning : meanings_) {
      for (const std::string& name : names_) {
        for (const uint64_t seed : seeds_for(name)) {
          if (!quiet_) line.show("eval", fmt::format("{} under {}", name, meaning.name));
          cells_.push_back(evaluation.evaluate(name, meaning, seed));
          cells_.back().seed = record_.config.train.seed;  // --data-seed changes only the examples
        }
      }
    }
  }

  std::string text_result(const std::filesystem::path& path, const RunConfig& config) const {
    TableRows rows = {{"attention", "semantics", "accuracy", "loss", "lost pairs"}};
    const bool by_seed = seeds_.size() > 1;
    if (by_seed) rows[0].emplace_back("rotation seed");
    for (const Cell& cell : cells_) {
      rows.push_back({cell.evaluated, cell.semantics,
                      fmt::format("{:.2f} %", 100 * cell.loss.accuracy()),
                      fmt::format("{:.4f}", cell.loss.loss), std::to_string(cell.loss.lost_pairs)});
      if (by_seed) {
        rows.back().push_back(cell.evaluated == "full" ? "-" : std::to_string(cell.rotation_seed));
      }
    }
    return fmt::format(
               "{}: trained with {} attention, {} semantics, {} steps\n"
               "{} {} sequences of {} tokens, data seed {}; {} buckets, chunks of {}\n\n",
               path.string(), attention_of(config.model, 0).name(), config.model.semantics,
               record_.steps_done, config.task.validation_rows,
               config.task.seed_report_validation ? "TRAINING" : "unseen", config.model.length,
               config.train.seed, config.model.buckets, config.model.chunk_length) +
           text_table(rows, {false, false, true, true, true, true});
  }

  std::string json_result(const std::filesystem::path& path, const RunConfig& config) const {
    nlohmann::ordered_json result = {{"model", path.string()},
                                     {"trained", attention_of(config.model, 0).name()},
                                     {"semantics", config.model.semantics},
                                     {"seed", record_.config.train.seed},
                                     {"steps", record_.steps_done},
                                     {"buckets", config.model.buckets},
                                     {"bucket_factor", config.model.bucket_factor},
                                     {"chunk_length", config.model.chunk_length},
                                     {"form", enum_name(config.task.form)},
                                     {"seed_report_validation", config.task.seed_report_validation},
                                     {"data_seed", config.train.seed}};
    result.update(provenance_json());
    for (const Cell& cell : cells_) result["cells"].push_back(to_json(cell));
    return json_text(result);
  }

  // In the names of studies a later change may undo an earlier one; of a person it is a mistake.
  static void require_different_switches(const std::vector<std::string>& changes) {
    std::set<std::string> names;
    for (const std::string& change : changes) {
      const std::string name = change.substr(0, change.find('='));
      if (names.insert(name).second) continue;
      fail("--change", "expected every switch once, found {} twice", quote_text(name));
    }
  }

  std::string path_;
  std::vector<std::string> attentions_, semantics_, switches_, rotation_seeds_;
  bool quiet_ = false, json_ = false;
  EvalFlags values_;
  SettingFlags flags_, changes_;

  TrainingRecord record_;
  std::vector<std::string> names_;
  std::vector<NamedSemantics> meanings_;
  std::vector<uint64_t> seeds_;
  std::vector<Cell> cells_;
};

}  // namespace

void add_eval(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("eval", "evaluate a model under any attention");
  command->footer(kEvalExamples);
  bind_command<EvalCommand>(*command, chosen);
}

}  // namespace reformer::apps
