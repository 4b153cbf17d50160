// The library never prints, never ends the process, and never takes time or randomness from
// outside: only apps/ may.
#include <gtest/gtest.h>

#include <regex>

#include "tests/house/source_tree.h"

namespace reformer::house {
namespace {

struct Rule {
  std::regex forbidden;
  std::string why;
  std::string except = "none";  // the room, if any, whose purpose this is
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> kRules = {
      {std::regex(R"(\b(v?f?printf|f?puts|f?putchar|putc|perror|fmt::print|fmt::println)\s*\()"),
       "the library does not print; return a value and let apps/ show it"},
      {std::regex(R"(\bstd::(cout|cerr|clog)\b|\b(stdout|stderr)\b)"),
       "the library does not print; return a value and let apps/ show it"},
      {std::regex(R"(\b(exit|_exit|_Exit|quick_exit|abort|terminate|__builtin_trap)\s*\()"),
       "the library does not end the process; throw Error, or use REFORMER_CHECK"},
      {std::regex(R"(\bsystem_clock\b|\bgettimeofday\b|\btime\s*\(\s*(0|NULL|nullptr)?\s*\))"),
       "results must not depend on the time of day; apps/ takes it where a record needs it"},
      {std::regex(R"(\b(steady|high_resolution)_clock\b|\bclock(_gettime)?\s*\(|\bgetrusage\b)"),
       "results must not depend on how long something takes; only reformer/bench/ measures that",
       "reformer/bench/"},
      {std::regex(R"(\brandom_device\b|\bs?rand\s*\()"),
       "randomness comes from the keyed streams of reformer/base/random.h"},
  };
  return kRules;
}

std::vector<Offence> noises(const TextFile& file) {
  std::vector<Offence> offences;
  std::size_t number = 0;
  for (const auto& line : split_lines(code_only(file.text))) {
    ++number;
    for (const auto& rule : rules()) {
      if (file.path.starts_with(rule.except)) continue;
      std::smatch match;
      if (!std::regex_search(line, match, rule.forbidden)) continue;
      offences.push_back({file.path, number, "found \"" + match.str() + "\": " + rule.why});
    }
  }
  return offences;
}

TEST(LibraryIsSilent, FindsEachNoise) {
  for (const char* line : {"printf(\"x\");",
                           "std::printf(\"x\");",
                           "fprintf(f, \"x\");",
                           "std::puts(\"\");",
                           "fmt::print(\"x\");",
                           "std::cout << 1;",
                           "std::cerr << 1;",
                           "fputs(s, stderr);",
                           "std::exit(1);",
                           "exit (1);",
                           "std::abort();",
                           "std::terminate();",
                           "auto t = std::chrono::system_clock::now();",
                           "std::time(nullptr)",
                           "time(0)",
                           "std::chrono::steady_clock::now()",
                           "clock_gettime(CLOCK_MONOTONIC, &t);",
                           "clock()",
                           "std::random_device r;",
                           "rand()"}) {
    EXPECT_FALSE(noises({"a.cc", line}).empty()) << line;
  }
}

TEST(LibraryIsSilent, LeavesTheRestAlone) {
  for (const char* line :
       {"std::snprintf(b, n, \"%d\", 1);", "// printf(\"x\")", "f(\"abort()\");", "wall_time(0);",
        "on_exit_code = 1;", "fmt::format(\"x\")", "step_time();", "operand(1);"}) {
    EXPECT_TRUE(noises({"a.cc", line}).empty()) << line;
  }
}

// Measuring is what that room is for; the time of day is none of its business either.
TEST(LibraryIsSilent, OnlyTheBenchmarkReadsAClock) {
  const std::string duration = "std::chrono::steady_clock::now()";
  EXPECT_TRUE(noises({"reformer/bench/clock.cc", duration}).empty());
  EXPECT_FALSE(noises({"reformer/train/trainer.cc", duration}).empty());
  EXPECT_FALSE(noises({"reformer/bench/clock.cc", "std::chrono::system_clock::now()"}).empty());
}

TEST(LibraryIsSilent, Holds) {
  for (const auto& file : read_tree("reformer", {".h", ".cc"})) report(noises(file));
}

}  // namespace
}  // namespace reformer::house
