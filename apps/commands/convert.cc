// reformer convert: models from and for other programs.
#include <fmt/format.h>

#include "apps/commands/commands.h"
#include "apps/output.h"
#include "apps/setting_flags.h"
#include "reformer/base/error.h"
#include "reformer/model/attention_choice.h"
#include "reformer/run/convert/peer.h"
#include "reformer/run/run_files.h"

namespace reformer::apps {
namespace {

constexpr const char* kConvertExamples = R"(Examples:
  reformer convert lshlm.safetensors model.safetensors --from reformer-fastai --heads 4
  reformer convert runs/lsh-4-seed42 lshlm.safetensors --to reformer-fastai
  reformer convert their-model/ model.safetensors --from huggingface

Programs: reformer-fastai (LSHLM), reformer-pytorch (ReformerLM) and huggingface (Reformer with a
language model's head: a directory with config.json and model.safetensors). What a model has and the
other side lacks is listed, and nothing is written. PyTorch's own .pth files are read from Python
only: see docs/python.md.)";

namespace fs = std::filesystem;

// The library speaks of settings; who calls it by flags is told which flag one is. "[attention]"
// stands before mistakes in any setting of attention.
[[noreturn]] void rethrow_with_flag(const Error& error) {
  const std::string_view message = error.what();
  ModelConfig config;
  for (const Setting& setting : untold_settings(config)) {
    const std::string place = fmt::format("[{}] ", setting.name);
    if (setting.name == "attention" || !message.starts_with(place)) continue;
    throw Error(fmt::format("[{}] {}", flag_name(setting.name), message.substr(place.size())));
  }
  throw error;
}

// The files of a model of huggingface: all that the directory must have.
std::vector<fs::path> files_of_directory(const fs::path& directory) {
  return {directory / "config.json", directory / "model.safetensors"};
}

// Nothing that is read is written over.
void check_apart(const std::vector<fs::path>& read, const std::vector<fs::path>& written) {
  for (const fs::path& input : read) {
    for (const fs::path& output : written) {
      std::error_code ignored;  // of files that are not there
      if (!fs::equivalent(input, output, ignored)) continue;
      fail(output.string(), "expected a file that is not of the input, found one that is; {}",
           "try another OUTPUT");
    }
  }
}

class ConvertCommand {
 public:
  explicit ConvertCommand(CLI::App& command) {
    command.add_option("INPUT", input_, "a model's file, or the directory of a run or model")
        ->required()
        ->type_name("");
    command.add_option("OUTPUT", output_, "the file to write, for huggingface the directory")
        ->required()
        ->type_name("");
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
    const fs::path input = input_;
    std::vector<fs::path> read = {input};
    if (peer == Peer::huggingface) {
      std::error_code ignored;
      read = files_of_directory(fs::is_directory(input, ignored) ? input : input.parent_path());
    }
    check_apart(read, {output_});
    require_outside_runs(output_, "OUTPUT");
    const ModelFile file = load_theirs(peer);
    save_model(output_, file.config, file.parameters, file.training);
    return report(file);
  }

  ModelFile load_theirs(Peer peer) const {
    try {
      return load_peer_model(peer, input_, [&](ModelConfig& config) {
        changes_.write_given(untold_settings(config));
      });
    } catch (const Error& error) {
      rethrow_with_flag(error);
    }
  }

  std::string write_theirs() const {
    const Peer peer = peer_named(to_, "--to");
    const fs::path path = find_model(input_);
    std::vector<fs::path> written = {output_};
    if (peer == Peer::huggingface) written = files_of_directory(output_);
    check_apart({path, path.parent_path() / "config.json"}, written);
    require_outside_runs(output_, "OUTPUT");
    if (peer == Peer::huggingface && holds_run(RunFiles{output_})) {
      fail(output_, "expected a directory for a model, found a run; try another OUTPUT");
    }
    ModelFile file = load_model(path);
    for (const char* fixed : {"heads", "length", "activation"}) {
      if (!changes_.given(fixed)) continue;
      fail(flag_name(fixed), "expected it with --from only: the model's own is not to be changed");
    }
    changes_.write_given(untold_settings(file.config));
    validate(file.config);
    save_peer_model(peer, file, output_, path.string());
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
  command->footer(kConvertExamples);
  bind_command<ConvertCommand>(*command, chosen);
}

}  // namespace reformer::apps
