// reformer gradients: what training would go by at this point of it.
#include <fmt/format.h>

#include <cmath>

#include "apps/commands/commands.h"
#include "apps/model_flags.h"
#include "apps/output.h"
#include "apps/run_text.h"
#include "apps/setting_flags.h"
#include "apps/threads_flag.h"
#include "reformer/base/json.h"
#include "reformer/base/text_table.h"
#include "reformer/experiment/provenance.h"
#include "reformer/train/gradient_signal.h"

namespace reformer::apps {
namespace {

struct GradientsFlags : ThreadsFlag {
  int64_t sequences = 32;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("sequences", sequences, between(2, 1e6), "validation sequences to take gradients of");
    ThreadsFlag::visit(v);
  }
};

constexpr const char* kGradientsExamples = R"(Examples:
  reformer gradients runs/full-seed42
  reformer gradients runs/full-seed42/checkpoints/step-100.safetensors --sequences 128 --json

Agreement is 1 where all sequences ask for the same step, and about 0 where each asks for another:
a parameter without agreement does not learn, however large its gradient is.)";

class GradientsCommand {
 public:
  explicit GradientsCommand(CLI::App& command) : model_flags_(command) {
    const std::string group = "Gradients";
    flags_.add(command, settings_of(values_), group);
    command.add_flag("--json", json_, "print the result as JSON")->group(group);
  }

  int run() {
    flags_.write_given(settings_of(values_));
    const OpenModel model = model_flags_.open();
    RunConfig config = model.record.config;
    config.task.validation_rows = values_.sequences;
    validate(config);
    const DuplicationTask task = task_of(config);
    PassContext context;
    context.attention = model.attention;
    ThreadPool pool(static_cast<int>(values_.threads));
    const GradientSignals signals = gradient_signals(
        model.file.config, model.file.parameters, context,
        [&](int64_t i, ExampleBuffer& out) { task.validation_example(i, out); }, values_.sequences,
        pool);
    print(json_ ? json_text(json_of(model, signals)) : text_of(model, signals));
    return 0;
  }

 private:
  std::string text_of(const OpenModel& model, const GradientSignals& signals) const {
    TableRows rows = {{"parameter", "size", "norm", "mean gradient", "of a sequence", "agreement"}};
    for (const GradientSignal& s : signals.parameters) {
      rows.push_back({s.name, std::to_string(s.size), fmt::format("{:.4g}", s.parameter_norm),
                      fmt::format("{:.3e}", s.mean_norm), fmt::format("{:.3e}", s.sequence_norm),
                      std::isfinite(s.agreement) ? fmt::format("{:.3f}", s.agreement) : "-"});
    }
    return model.headline() +
           fmt::format("{} validation sequences under {}: accuracy {:.2f} %, loss {:.4f}\n\n",
                       values_.sequences, model.attention.name(), 100 * signals.loss.accuracy(),
                       signals.loss.loss) +
           text_table(rows, {false, true, true, true, true, true});
  }

  nlohmann::ordered_json json_of(const OpenModel& model, const GradientSignals& signals) const {
    nlohmann::ordered_json result = {
        {"model", model.path.string()},
        {"steps", model.record.steps_done},
        {"attention", model.attention.name()},
        {"semantics", model.semantics},
        {"rotation_seed", model.attention.rotation_seed},
        {"seed", model.record.config.train.seed},
        {"sequences", values_.sequences},
        {"loss", signals.loss.loss},
        {"accuracy", signals.loss.accuracy()},
        {"hash_recall", finite_or_null(signals.loss.hash_recall)},
        {"attention_entropy", finite_or_null(signals.loss.attention_entropy)}};
    result.update(provenance_json());
    for (const GradientSignal& s : signals.parameters) {
      result["parameters"].push_back({{"name", s.name},
                                      {"size", s.size},
                                      {"norm", s.parameter_norm},
                                      {"mean_gradient_norm", s.mean_norm},
                                      {"sequence_gradient_norm", s.sequence_norm},
                                      {"agreement", finite_or_null(s.agreement)}});
    }
    return result;
  }

  ModelFlags model_flags_;
  bool json_ = false;
  GradientsFlags values_;
  SettingFlags flags_;
};

}  // namespace

void add_gradients(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand(
      "gradients", "show how far sequences agree on the gradient of each parameter");
  command->footer(kGradientsExamples);
  bind_command<GradientsCommand>(*command, chosen);
}

}  // namespace reformer::apps
