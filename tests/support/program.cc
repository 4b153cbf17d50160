#include "tests/support/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

namespace reformer::test {
namespace {

namespace fs = std::filesystem;

void redirect(const fs::path& file, int descriptor) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  ::dup2(fd, descriptor);
}

[[noreturn]] void become_program(const std::vector<std::string>& arguments,
                                 const fs::path& directory, const Environment& environment,
                                 const fs::path& out, const fs::path& err) {
  redirect(out, STDOUT_FILENO);
  redirect(err, STDERR_FILENO);
  // Whoever runs the tests in the background may have us ignore it.
  for (const int signal : {SIGINT, SIGHUP}) std::signal(signal, SIG_DFL);
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> argv = {const_cast<char*>("reformer")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  if (::chdir(directory.c_str()) == 0) ::execv(REFORMER_PROGRAM, argv.data());
  ::_exit(127);
}

}  // namespace

RunningProgram::RunningProgram(const std::vector<std::string>& arguments, const fs::path& directory,
                               const Environment& environment)
    : child_(::fork()) {
  if (child_ != 0) return;
  become_program(arguments, directory, environment, scratch_ / "out", scratch_ / "err");
}

RunningProgram::~RunningProgram() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

void RunningProgram::wait_until_it_speaks() const {
  for (int tries = 0; tries < 6000 && read_text(scratch_ / "err").empty(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void RunningProgram::wait_until_it_prints(const std::string& text) const {
  const auto printed = [&] { return read_text(scratch_ / "out").find(text) != std::string::npos; };
  for (int tries = 0; tries < 6000 && !printed(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void RunningProgram::send(int signal) const { ::kill(child_, signal); }

Outcome RunningProgram::wait() {
  int status = 0;
  ::waitpid(std::exchange(child_, 0), &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          read_text(scratch_ / "out"), read_text(scratch_ / "err")};
}

Outcome run_program(const std::vector<std::string>& arguments, const fs::path& directory,
                    int signal) {
  RunningProgram program(arguments, directory);
  if (signal != 0) {
    program.wait_until_it_speaks();
    program.send(signal);
  }
  return program.wait();
}

bool terminals_can_be_had() { return std::system("command -v script >/dev/null") == 0; }

Outcome run_on_a_terminal(const std::string& environment, const std::string& arguments) {
  const TemporaryDirectory directory;
  const std::string command = "script -qec \"" + environment + " '" + REFORMER_PROGRAM + "' " +
                              arguments + "\" /dev/null </dev/null >'" + (directory / "shown") +
                              "'";
  Outcome outcome;
  outcome.exit_code = std::system(command.c_str());
  outcome.out = read_text(directory / "shown");
  return outcome;
}

std::vector<std::string> train_arguments(const std::string& run,
                                         const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {
      "train", "--preset",  "smoke", "--run",       run,   "--steps",  "4", "--evaluate-every",
      "2",     "--threads", "2",     "--attention", "lsh", "--hashes", "2", "--validation-rows",
      "16"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace reformer::test
