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
       "results must not depend on the time of day; use std::chrono::steady_clock for durations"},
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
      std::smatch match;
      if (!std::regex_search(line, match, rule.forbidden)) continue;
      offences.push_back({file.path, number, "found \"" + match.str() + "\": " + rule.why});
    }
  }
  return offences;
}

TEST(LibraryIsSilent, FindsEachNoise) {
  for (const char* line :
       {"printf(\"x\");", "std::printf(\"x\");", "fprintf(f, \"x\");", "std::puts(\"\");",
        "fmt::print(\"x\");", "std::cout << 1;", "std::cerr << 1;", "fputs(s, stderr);",
        "std::exit(1);", "exit (1);", "std::abort();", "std::terminate();",
        "auto t = std::chrono::system_clock::now();", "std::time(nullptr)", "time(0)",
        "std::random_device r;", "rand()"}) {
    EXPECT_FALSE(noises({"a.cc", line}).empty()) << line;
  }
}

TEST(LibraryIsSilent, LeavesTheRestAlone) {
  for (const char* line : {"std::snprintf(b, n, \"%d\", 1);", "// printf(\"x\")", "f(\"abort()\");",
                           "wall_time(0);", "on_exit_code = 1;", "std::chrono::steady_clock::now()",
                           "fmt::format(\"x\")", "step_time();", "operand(1);"}) {
    EXPECT_TRUE(noises({"a.cc", line}).empty()) << line;
  }
}

TEST(LibraryIsSilent, Holds) {
  for (const auto& file : read_tree("reformer", {".h", ".cc"})) report(noises(file));
}

}  // namespace
}  // namespace reformer::house
