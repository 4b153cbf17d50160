// The README's commands are run, and what they print is compared with what the README shows.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/house/source_tree.h"

namespace reformer::house {
namespace {

// A command of a ```console block, and the lines shown below it. A shown line `...` stands for any
// number of lines; when nothing is shown, any output will do, but the command has to succeed.
struct Example {
  std::size_t line = 0;
  std::string command;  // without "$ reformer "
  std::vector<std::string> shown;
};

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(" \t\r") + 1);
  return line;
}

// Examples that call our program; other commands (./reproduce, git clone) are left to the reader.
std::vector<Example> examples_in(const std::string& markdown) {
  std::vector<Example> examples;
  bool in_console = false;
  bool ours = false;       // output lines belong to examples.back()
  bool continued = false;  // the command ended in a backslash
  std::size_t number = 0;
  for (const auto& raw : split_lines(markdown)) {
    ++number;
    std::string line = without_trailing_blanks(raw);
    if (line.starts_with("```")) {
      in_console = !in_console && line == "```console";
      ours = continued = false;
      continue;
    }
    if (!in_console) continue;
    if (line.starts_with("$ ")) {
      ours = false;
      for (const std::string prefix : {"$ reformer ", "$ build/release/reformer "}) {
        if (!line.starts_with(prefix)) continue;
        ours = true;
        examples.push_back({number, line.substr(prefix.size()), {}});
      }
    } else if (continued && ours) {
      examples.back().command.pop_back();
      examples.back().command += line;
    } else if (ours) {
      examples.back().shown.push_back(line);
    }
    continued = line.ends_with('\\') && (continued || line.starts_with("$ "));
  }
  for (auto& example : examples) {
    while (!example.shown.empty() && example.shown.back().empty()) example.shown.pop_back();
  }
  return examples;
}

// Index of the first shown line that the printed ones do not follow; shown.size() when all match.
std::size_t first_mismatch(const std::vector<std::string>& shown,
                           const std::vector<std::string>& printed) {
  // can[j]: shown[0..i) matches printed[0..j).
  std::vector<bool> can(printed.size() + 1, false);
  can[0] = true;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    std::vector<bool> next(printed.size() + 1, false);
    bool any = false;
    for (std::size_t j = 0; j <= printed.size(); ++j) {
      if (shown[i] == "...") {
        next[j] = can[j] || (j > 0 && next[j - 1]);
      } else {
        next[j] = j > 0 && can[j - 1] && shown[i] == printed[j - 1];
      }
      any |= next[j];
    }
    if (!any) return i;
    can = std::move(next);
  }
  return can.back() ? shown.size() : shown.size() - 1;
}

struct Outcome {
  int exit_code = 0;
  std::string printed;
};

Outcome run(const std::string& command, const std::filesystem::path& folder) {
  const std::string line = "cd '" + folder.string() + "' && { NO_COLOR=1 '" + REFORMER_PROGRAM +
                           "' " + command + "\n} 2>&1 </dev/null";
  Outcome outcome;
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) return {-1, "popen failed"};
  char buffer[4096];
  std::size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0)
    outcome.printed.append(buffer, got);
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

std::vector<Offence> differences(const std::string& path, const std::vector<Example>& examples) {
  std::vector<Offence> offences;
  const auto folder =
      std::filesystem::temp_directory_path() / ("reformer-readme-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  for (const auto& example : examples) {
    const Outcome outcome = run(example.command, folder);
    if (outcome.exit_code > 2 || outcome.exit_code < 0 ||
        (outcome.exit_code != 0 && example.shown.empty())) {
      offences.push_back({path, example.line,
                          "ended with code " + std::to_string(outcome.exit_code) +
                              "; it printed\n" + outcome.printed});
      continue;
    }
    if (example.shown.empty()) continue;
    auto printed = split_lines(outcome.printed);
    for (auto& line : printed) line = without_trailing_blanks(std::move(line));
    while (!printed.empty() && printed.back().empty()) printed.pop_back();
    const std::size_t mismatch = first_mismatch(example.shown, printed);
    if (mismatch < example.shown.size()) {
      offences.push_back({path, example.line + 1 + mismatch,
                          "the program does not print this line here: \"" +
                              example.shown[mismatch] + "\"; it printed\n" + outcome.printed});
    }
  }
  std::filesystem::remove_all(folder);
  return offences;
}

TEST(Readme, ExamplesAreFound) {
  const auto examples = examples_in(
      "```console\n$ ./reproduce\nignored\n$ reformer config \\\n    --preset seed\na\n...\n\n"
      "$ build/release/reformer --version\n```\n"
      "$ reformer outside\n```sh\n$ reformer also outside\n```\n");
  ASSERT_EQ(examples.size(), 2u);
  EXPECT_EQ(examples[0].line, 4u);
  EXPECT_EQ(examples[0].command, "config     --preset seed");
  EXPECT_EQ(examples[0].shown, (std::vector<std::string>{"a", "..."}));
  EXPECT_EQ(examples[1].command, "--version");
  EXPECT_TRUE(examples[1].shown.empty());
}

TEST(Readme, DotsMatchAnyNumberOfLines) {
  const std::vector<std::string> printed{"a", "b", "c", "b", "d"};
  const auto matches = [&](const std::vector<std::string>& shown) {
    return first_mismatch(shown, printed) == shown.size();
  };
  EXPECT_TRUE(matches({"a", "b", "c", "b", "d"}));
  EXPECT_TRUE(matches({"a", "...", "b", "d"}));
  EXPECT_TRUE(matches({"...", "a", "...", "...", "d", "..."}));
  EXPECT_FALSE(matches({"a", "b", "c", "b"}));
  EXPECT_FALSE(matches({"a", "...", "c", "d"}));
  EXPECT_FALSE(matches({"...", "e"}));
  EXPECT_EQ(first_mismatch({"a", "x", "c"}, printed), 1u);
}

TEST(Readme, PrintsWhatItShows) {
  std::size_t count = 0;
  for (const auto& file : read_tree("", {"README.md"})) {
    if (file.path != "README.md") continue;
    const auto examples = examples_in(file.text);
    count = examples.size();
    if (count == 0) continue;
    ASSERT_STRNE(REFORMER_PROGRAM, "") << "README.md has examples, but there is no program";
    report(differences(file.path, examples));
  }
  if (count == 0) GTEST_SKIP() << "README.md shows no command of the program";
}

TEST(Readme, AWrongLineIsReported) {
  if (std::string_view(REFORMER_PROGRAM).empty()) GTEST_SKIP() << "there is no program";
  const auto offences = differences(
      "README.md", examples_in("```console\n$ reformer --help\n...\nno such line\n```\n"));
  ASSERT_EQ(offences.size(), 1u);
  EXPECT_EQ(offences[0].line, 4u);
}

}  // namespace
}  // namespace reformer::house
