// Runs the program as its users do: as another process.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace reformer::test {

struct Outcome {
  int exit_code = -1;  // 128 + signal for one that was killed
  std::string out;
  std::string err;
};

// Variables of the environment, beside those that the tests have.
using Environment = std::vector<std::pair<std::string, std::string>>;

// `reformer` at work, with these arguments in that directory.
class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments,
                          const std::filesystem::path& directory = ".",
                          const Environment& environment = {});
  ~RunningProgram();  // kills it if nobody waited for it
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  // Until it has written something to its standard error, but at most a minute.
  void wait_until_it_speaks() const;
  // The same of its standard output and this text.
  void wait_until_it_prints(const std::string& text) const;
  void send(int signal) const;
  Outcome wait();

 private:
  TemporaryDirectory scratch_;
  int child_;
};

// Runs it to its end. When `signal` is not 0 it is sent as soon as the program speaks.
Outcome run_program(const std::vector<std::string>& arguments,
                    const std::filesystem::path& directory = ".", int signal = 0);

// Whether there is `script`, by which a program gets a terminal.
bool terminals_can_be_had();

// Runs it on a terminal: `out` is what it showed there. `environment` is a command such as
// "env TERM=dumb".
Outcome run_on_a_terminal(const std::string& environment, const std::string& arguments);

// Small and quick, but with everything in it.
std::vector<std::string> train_arguments(const std::string& run,
                                         const std::vector<std::string>& more = {});

std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view text);

// Names of what is in a directory, sorted.
std::vector<std::string> names_in(const std::filesystem::path& directory);

}  // namespace reformer::test
