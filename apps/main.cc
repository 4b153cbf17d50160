// The program: finds the command, and turns every failure into one message and an exit code.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <system_error>

#include "apps/commands/commands.h"
#include "apps/output.h"
#include "apps/parse_message.h"
#include "reformer/base/error.h"
#include "reformer/base/threads.h"
#include "reformer/base/version.h"
#include "reformer/math/target.h"

namespace reformer::apps {
namespace {

constexpr int kUserMistake = 2;
constexpr int kUnexpected = 1;

constexpr const char* kExamples = R"(Examples:
  reformer train --attention lsh --hashes 4            train a model
  reformer eval runs/lsh-4-seed42                      evaluate it under five attentions
  reformer generate runs/lsh-4-seed42                  let it copy a word
  reformer inspect runs/lsh-4-seed42                   how hashing finds what it copies
  reformer experiment table2                           the duplication-task study
  reformer runs list                                   what was trained under runs/
  reformer report runs -o report.html                  a page to look at and to share
  reformer serve runs                                  that page, live, while runs go on
  reformer bench --quick                               how fast this machine is
  reformer convert lshlm.safetensors model.safetensors --from reformer-fastai
  reformer config --list                               every setting

`reformer COMMAND --help` explains a command. Exit codes: 0 done, 2 a mistake in what was asked
(one message says which), 1 anything unexpected, 129, 130 and 143 stopped by a signal.)";

std::string version_text() {
  return fmt::format("reformer {} (commit {})\nSIMD: {} (of {}), threads: {}", version(), commit(),
                     active_target(), fmt::join(available_targets(), ", "), hardware_threads());
}

int complain(int code, std::string_view message) {
  // Not fmt::print, which throws where the standard error cannot be written either.
  std::fputs(fmt::format("reformer: {}\n", message).c_str(), stderr);
  return code;
}

int run(int argc, const char* const* argv) {
  CLI::App program("Trains, evaluates and explains Reformer (LSH attention) language models.\n",
                   "reformer");
  program.get_formatter()->column_width(38);
  program.require_subcommand(1);
  // A script appends what its user asks for: the last of two values counts. Commands inherit this.
  program.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  program.footer(kExamples);
  program.set_version_flag("--version", version_text);
  Action chosen;
  add_train(program, chosen);
  add_eval(program, chosen);
  add_generate(program, chosen);
  add_inspect(program, chosen);
  add_gradients(program, chosen);
  add_experiment(program, chosen);
  add_sweep(program, chosen);
  add_runs(program, chosen);
  add_report(program, chosen);
  add_serve(program, chosen);
  add_bench(program, chosen);
  add_convert(program, chosen);
  add_config(program, chosen);

  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print(program.help());
    return 0;
  } catch (const CLI::CallForVersion& version) {
    print(std::string(version.what()) + "\n");
    return 0;
  } catch (const CLI::ParseError& error) {
    throw Error(parse_message(program, error));
  }
  return chosen();
}

int run_and_complain(int argc, const char* const* argv) {
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    return complain(kUserMistake, error.what());
  } catch (const std::bad_alloc&) {
    return complain(kUserMistake,
                    "[memory] expected enough for this model, found too little; try a smaller "
                    "--model-dim, --layers, --batch or --threads");
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::resource_unavailable_try_again) {
      return complain(kUnexpected, fmt::format("[unexpected] {}", error.what()));
    }
    return complain(kUserMistake,
                    "[--threads] expected a number that the system grants, found more; try fewer");
  } catch (const std::exception& error) {
    return complain(kUnexpected, fmt::format("[unexpected] {}", error.what()));
  }
}

}  // namespace
}  // namespace reformer::apps

int main(int argc, char** argv) {
  // Who reads our output may go, and a file may not grow as it must: writing then fails, and says
  // so.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return reformer::apps::run_and_complain(argc, argv);
}
