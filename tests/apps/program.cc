#include "tests/apps/program.h"

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

namespace reformer::test {
namespace {

namespace fs = std::filesystem;

void redirect(const fs::path& file, int descriptor) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  ::dup2(fd, descriptor);
}

[[noreturn]] void become_program(const std::vector<std::string>& arguments,
                                 const fs::path& directory, const fs::path& out,
                                 const fs::path& err) {
  redirect(out, STDOUT_FILENO);
  redirect(err, STDERR_FILENO);
  // Whoever runs the tests in the background may have us ignore it.
  std::signal(SIGINT, SIG_DFL);
  std::vector<char*> argv = {const_cast<char*>("reformer")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  if (::chdir(directory.c_str()) == 0) ::execv(REFORMER_PROGRAM, argv.data());
  ::_exit(127);
}

void signal_once_it_speaks(pid_t child, const fs::path& err, int signal) {
  for (int tries = 0; tries < 6000 && read_text(err).empty(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ::kill(child, signal);
}

}  // namespace

Outcome run_program(const std::vector<std::string>& arguments, const fs::path& directory,
                    int signal) {
  const TemporaryDirectory scratch;
  const fs::path out = scratch.path() / "out";
  const fs::path err = scratch.path() / "err";
  const pid_t child = ::fork();
  if (child == 0) become_program(arguments, directory, out, err);
  if (signal != 0) signal_once_it_speaks(child, err, signal);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_text(out),
          read_text(err)};
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
