// reformer convert: models from and for other programs.
#include <fmt/format.h>

#include "apps/commands/commands.h"
#include "apps/output.h"
#include "apps/setting_flags.h"
#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/model/attention_choice.h"
#include "reformer/run/convert/peer.h"
#include "reformer/run/run_files.h"

namespace reformer::apps {
namespace {

constexpr const char* kExamples = R"(Examples:
  reformer convert lshlm.safetensors model.safetensors --from reformer-fastai --heads 4
  reformer convert runs/lsh-4-seed42 lshlm.safetensors --to reformer-fastai

Programs: reformer-fastai (LSHLM). Of reformer-pytorch (ReformerLM) and huggingface (Reformer: a
directory with config.json and model.safetensors) it lists what differs from a model of ours, and
writes nothing: theirs have two residual streams. PyTorch's own .pth files are read from Python
only: see docs/python.md.)";

class ConvertCommand {
 public:
  explicit ConvertCommand(CLI::App& command) {
    command.add_option("INPUT", input_, "a model's file, or the directory of a run or model")
        ->required()
        ->type_name("");
    command.add_option("OUTPUT", output_, "the file to write")->required()->type_name("");
    const std::string group = "Conversion";
    command.add_option("--from", from_, "the program that INPUT is of")
        ->type_name("PROGRAM")
        ->group(group);
    command.add_option("--to", to_, "the program that OUTPUT is for")
        ->type_name("PROGRAM")
        ->group(group);
    ModelConfig config;
    changes_.add(command, untold_settings(config), "What the tensors do not tell");
  }

  int run() const {
    if (from_.empty() == to_.empty()) {
      fail("convert", "expected either --from or --to, found {}; try --from reformer-fastai",
           from_.empty() ? "neither" : "both");
    }
    print(from_.empty() ? write_theirs() : write_ours());
    return 0;
  }

 private:
  std::string write_ours() const {
    const Peer peer = peer_named(from_, "--from");
    const ModelFile file = load_peer_model(
        peer, input_, [&](ModelConfig& config) { changes_.write_given(untold_settings(config)); });
    save_model(output_, file.config, file.parameters, file.training);
    return report(file);
  }

  std::string write_theirs() const {
    const Peer peer = peer_named(to_, "--to");
    const std::filesystem::path path = find_model(input_);
    ModelFile file = load_model(path);
    if (changes_.given("heads")) {
      fail("--heads", "expected it with --from only: this model has {}", file.config.heads);
    }
    changes_.write_given(untold_settings(file.config));
    validate(file.config);
    write_file_atomically(output_, encode_safetensors(peer_table(peer, file, path.string())));
    return report(file);
  }

  std::string report(const ModelFile& file) const {
    return fmt::format("saved {}: {} parameters, {} attention, {} semantics\n", output_,
                       file.parameters.size(), attention_of(file.config, 0).name(),
                       file.config.semantics);
  }

  std::string input_, output_, from_, to_;
  SettingFlags changes_;
};

}  // namespace

void add_convert(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("convert", "models from and for other programs");
  command->footer(kExamples);
  bind_command<ConvertCommand>(*command, chosen);
}

}  // namespace reformer::apps
