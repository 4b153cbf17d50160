// reformer inspect: how the hashing of a model divides a sequence, and whether it finds what is
// looked for.
#include "apps/commands/commands.h"
#include "apps/inspection_output.h"
#include "apps/model_flags.h"
#include "apps/output.h"
#include "apps/run_text.h"
#include "apps/setting_flags.h"
#include "apps/tokens.h"
#include "reformer/base/error.h"

namespace reformer::apps {
namespace {

struct InspectFlags {
  int64_t sequence = 0;
  int64_t layer = 0;
  int64_t head = 0;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("sequence", sequence, at_least(0), "validation sequence to look at");
    v("layer", layer, at_least(0), "only this layer [all]");
    v("head", head, at_least(0), "only this head of each layer [all]");
  }
};

constexpr const char* kInspectExamples = R"(Examples:
  reformer inspect runs/lsh-4-seed42                       a row for each layer, head and round
  reformer inspect runs/lsh-4-seed42 --layer 0 --head 1    and where each position lies
  reformer inspect runs/full-seed42 --attention lsh-2 --sequence 7 --json

One head of one layer is shown position by position: its buckets, its order by bucket, and whether
it meets the position that holds what it must predict.)";

class InspectCommand {
 public:
  explicit InspectCommand(CLI::App& command) : model_flags_(command) {
    const std::string group = "Inspection";
    tokens_option_ = command.add_option("--tokens", tokens_, "another sequence, like 1,2,3")
                         ->type_name("TOKENS")
                         ->group(group);
    flags_.add(command, settings_of(values_), group);
    command.add_flag("--json", json_, "print the result as JSON")->group(group);
  }

  int run() {
    flags_.write_given(settings_of(values_));
    if (is_given() && flags_.given("sequence")) {
      fail("--sequence", "expected one sequence, found --tokens beside it; try without one");
    }
    const OpenModel model = model_flags_.open();
    const ModelConfig& config = model.file.config;
    const QueryRange layers = chosen("layer", values_.layer, config.layers);
    const QueryRange heads = chosen("head", values_.head, config.heads);
    InspectedSequence sequence{example(model), values_.sequence, {}, {}};
    Weights weights(config);
    weights.prepare(model.file.parameters);
    PassContext context;
    context.attention = model.attention;
    const Inspection inspection(weights, context, sequence.example);
    sequence.predictions = inspection.predictions();
    for (int64_t layer = layers.begin; layer < layers.end; ++layer) {
      for (int64_t head = heads.begin; head < heads.end; ++head) {
        sequence.heads.push_back({layer, head, inspection.head(layer, head)});
      }
    }
    print(json_ ? json_text(inspection_json(model, sequence)) : inspection_text(model, sequence));
    return 0;
  }

 private:
  // Also by an empty sequence, which is a mistake.
  bool is_given() const { return tokens_option_->count() > 0; }

  ExampleBuffer example(const OpenModel& model) const {
    if (!is_given()) {
      return validation_examples(model.record.config, values_.sequence, 1).front();
    }
    ExampleBuffer example;
    example.inputs = token_list("--tokens", tokens_);
    if (model.file.config.input_shift) {
      example.inputs.insert(example.inputs.begin(), 0);
      example.inputs.pop_back();
    }
    return example;
  }

  // All of them, or the one that a flag names.
  QueryRange chosen(const char* setting, int64_t number, int64_t count) const {
    if (!flags_.given(setting)) return {0, count};
    if (number >= count) {
      fail(flag_name(setting), "expected one of the model's, from 0 to {}, found {}", count - 1,
           number);
    }
    return {number, number + 1};
  }

  ModelFlags model_flags_;
  std::string tokens_;
  CLI::Option* tokens_option_ = nullptr;
  bool json_ = false;
  InspectFlags values_;
  SettingFlags flags_;
};

}  // namespace

void add_inspect(CLI::App& program, Action& chosen) {
  CLI::App* command =
      program.add_subcommand("inspect", "show how hashing divides a sequence, and what it finds");
  command->footer(kInspectExamples);
  bind_command<InspectCommand>(*command, chosen);
}

}  // namespace reformer::apps
