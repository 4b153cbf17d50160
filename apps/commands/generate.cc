// reformer generate: a model continues a prompt.
#include "reformer/model/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "apps/commands/commands.h"
#include "apps/model_flags.h"
#include "apps/output.h"
#include "apps/run_text.h"
#include "apps/setting_flags.h"
#include "apps/threads_flag.h"
#include "apps/tokens.h"
#include "reformer/base/error.h"

namespace reformer::apps {
namespace {

struct GenerateFlags : ThreadsFlag {
  int64_t sequence = 0;
  int64_t count = 1;
  int64_t tokens = 0;
  SamplingSettings sampling;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("sequence", sequence, at_least(0), "validation sequence whose word is to be copied");
    v("count", count, between(1, 1e6), "so many sequences from there on, or so many of the prompt");
    v("tokens", tokens, at_least(0), "tokens to write; 0: up to the model's length");
    sampling.visit(v);
    ThreadsFlag::visit(v);
  }
};

constexpr const char* kGenerateExamples = R"(Examples:
  reformer generate runs/lsh-4-seed42                      copy the word of a validation sequence
  reformer generate runs/lsh-4-seed42 --attention full --count 100 --json
  reformer generate model.safetensors --prompt "0 12 7 99 0" --temperature 0.8 --top-k 5

Without --prompt, a sequence 0 w 0 of the duplication task is continued, and what is written is
compared with the word w.)";

class GenerateCommand {
 public:
  explicit GenerateCommand(CLI::App& command) : model_flags_(command) {
    prompt_option_ = command.add_option("--prompt", prompt_, "tokens to continue, like 1,2,3")
                         ->type_name("TOKENS")
                         ->group("Generation");
    flags_.add(command, settings_of(values_), "Generation");
    command.add_flag("--json", json_, "print the result as JSON")->group("Generation");
  }

  int run() {
    flags_.write_given(settings_of(values_));
    if (is_prompted() && flags_.given("sequence")) {
      fail("--sequence", "expected one kind of prompt, found --prompt beside it; try without one");
    }
    for (const char* flag : {"seed", "top_k"}) {
      if (values_.sampling.temperature == 0 && flags_.given(flag)) {
        fail("--temperature",
             "expected more than 0 beside {}, found 0, which takes the likeliest token; try 1",
             flag_name(flag));
      }
    }
    model_ = model_flags_.open();
    draw_prompts();
    Weights weights(model_.file.config);
    weights.prepare(model_.file.parameters);
    ThreadPool pool(static_cast<int>(values_.threads));
    continuations_ =
        generate(weights, model_.attention, prompts_, values_.tokens, values_.sampling, pool);
    print(json_ ? json_result() : text_result());
    return 0;
  }

 private:
  using Tokens = std::vector<int32_t>;

  // Also by an empty prompt, which is a mistake.
  bool is_prompted() const { return prompt_option_->count() > 0; }

  void draw_prompts() {
    if (is_prompted()) {
      prompts_.assign(static_cast<size_t>(values_.count), token_list("--prompt", prompt_));
      return;
    }
    for (const ExampleBuffer& example :
         validation_examples(model_.record.config, values_.sequence, values_.count)) {
      const Tokens& x = tokens_of(example, model_.file.config.input_shift);
      const auto word = x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2 + 1);
      prompts_.emplace_back(x.begin(), word);
      words_.emplace_back(word, x.end());
    }
  }

  // Of the tokens that continuation i has written of its word, which are wrong.
  std::vector<bool> wrong(size_t i) const {
    std::vector<bool> wrong;
    if (words_.empty()) return wrong;
    for (size_t t = 0; t < continuations_[i].size(); ++t) {
      wrong.push_back(continuations_[i][t] != words_[i][t]);
    }
    return wrong;
  }

  std::string text_result() const {
    const SamplingSettings& sampling = values_.sampling;
    std::string text = model_.headline();
    text += fmt::format("continued under {} attention, {} semantics, {}\n", model_.attention.name(),
                        model_.semantics,
                        sampling.temperature == 0
                            ? "by the likeliest tokens"
                            : fmt::format("temperature {}, top k {}, seed {}", sampling.temperature,
                                          sampling.top_k, sampling.seed));
    int64_t right = 0, copied = 0;
    for (size_t i = 0; i < prompts_.size(); ++i) {
      const std::vector<bool> marks = wrong(i);
      right += std::ranges::count(marks, false);
      copied += static_cast<int64_t>(marks.size());
      text += words_.empty() ? "\nprompt\n"
                             : fmt::format("\nvalidation sequence {}\n",
                                           values_.sequence + static_cast<int64_t>(i));
      text += token_rows(prompts_[i], 0) + "continuation\n" +
              token_rows(continuations_[i], static_cast<int64_t>(prompts_[i].size()), marks);
    }
    if (words_.empty()) return text;
    return text + fmt::format("\n{} of {} copied tokens are right\n", right, copied);
  }

  std::string json_result() const {
    nlohmann::ordered_json result = {{"model", model_.path.string()},
                                     {"attention", model_.attention.name()},
                                     {"semantics", model_.semantics},
                                     {"rotation_seed", model_.attention.rotation_seed},
                                     {"temperature", values_.sampling.temperature},
                                     {"top_k", values_.sampling.top_k},
                                     {"seed", values_.sampling.seed}};
    for (size_t i = 0; i < prompts_.size(); ++i) {
      nlohmann::ordered_json row = {{"prompt", prompts_[i]}, {"continuation", continuations_[i]}};
      if (!words_.empty()) {
        const std::vector<bool> marks = wrong(i);
        row["sequence"] = values_.sequence + static_cast<int64_t>(i);
        row["word"] = words_[i];
        row["copied"] = marks.size();
        row["right"] = std::ranges::count(marks, false);
      }
      result["sequences"].push_back(row);
    }
    return json_text(result);
  }

  ModelFlags model_flags_;
  std::string prompt_;
  CLI::Option* prompt_option_ = nullptr;
  bool json_ = false;
  GenerateFlags values_;
  SettingFlags flags_;

  OpenModel model_;
  std::vector<Tokens> prompts_, words_, continuations_;
};

}  // namespace

void add_generate(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("generate", "let a model continue a sequence");
  command->footer(kGenerateExamples);
  bind_command<GenerateCommand>(*command, chosen);
}

}  // namespace reformer::apps
