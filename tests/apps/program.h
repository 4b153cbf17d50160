// Runs the program as its users do: as another process.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace reformer::test {

struct Outcome {
  int exit_code = -1;  // 128 + signal for one that was killed
  std::string out;
  std::string err;
};

// Runs `reformer` with these arguments in that directory. When `signal` is not 0 it is sent as soon
// as the program has written something to its standard error.
Outcome run_program(const std::vector<std::string>& arguments,
                    const std::filesystem::path& directory = ".", int signal = 0);

// Small and quick, but with everything in it.
std::vector<std::string> train_arguments(const std::string& run,
                                         const std::vector<std::string>& more = {});

std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view text);

// Names of what is in a directory, sorted.
std::vector<std::string> names_in(const std::filesystem::path& directory);

}  // namespace reformer::test
