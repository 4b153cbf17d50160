#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/base/version.h"
#include "tests/support/program.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Outcome help(std::vector<std::string> command) {
  command.emplace_back("--help");
  Outcome outcome = run_program(command);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Usage: reformer"), HasSubstr("Examples:\n")));
  return outcome;
}

TEST(Help, OfTheProgramNamesEveryCommand) {
  EXPECT_THAT(
      help({}).out,
      AllOf(HasSubstr("\n  train "), HasSubstr("\n  eval "), HasSubstr("\n  generate "),
            HasSubstr("\n  inspect "), HasSubstr("\n  gradients "), HasSubstr("\n  experiment "),
            HasSubstr("\n  sweep "), HasSubstr("\n  runs "), HasSubstr("\n  report "),
            HasSubstr("\n  bench "), HasSubstr("\n  convert "), HasSubstr("\n  config ")));
}

TEST(Help, OfTrainIsGrouped) {
  EXPECT_THAT(help({"train"}).out,
              AllOf(HasSubstr("\nModel:\n"), HasSubstr("\nTask:\n"), HasSubstr("\nTraining:\n"),
                    HasSubstr("\nRun:\n"), HasSubstr("--hash-rounds,--hashes")));
}

TEST(Help, OfTheOthers) {
  EXPECT_THAT(help({"eval"}).out, HasSubstr("--rotation-seed"));
  EXPECT_THAT(help({"generate"}).out, HasSubstr("--top-k"));
  EXPECT_THAT(help({"inspect"}).out, HasSubstr("--layer"));
  EXPECT_THAT(help({"gradients"}).out, HasSubstr("--sequences"));
  EXPECT_THAT(help({"experiment"}).out, HasSubstr("table2"));
  EXPECT_THAT(help({"experiment", "table2"}).out, HasSubstr("--out"));
  EXPECT_THAT(help({"experiment", "lr"}).out, HasSubstr("--jobs"));
  EXPECT_THAT(help({"sweep"}).out, HasSubstr("--seeds"));
  EXPECT_THAT(help({"runs"}).out, HasSubstr("export"));
  EXPECT_THAT(help({"runs", "export"}).out, HasSubstr("--format csv|json|tensorboard"));
  EXPECT_THAT(help({"report"}).out, HasSubstr("--format"));
  EXPECT_THAT(help({"bench"}).out, HasSubstr("--only"));
  EXPECT_THAT(help({"convert"}).out, HasSubstr("--from"));
  EXPECT_THAT(help({"config"}).out, HasSubstr("--list"));
}

TEST(Help, FitsATerminal) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{},
                                             {"train"},
                                             {"eval"},
                                             {"generate"},
                                             {"inspect"},
                                             {"gradients"},
                                             {"sweep"},
                                             {"runs", "export"},
                                             {"report"},
                                             {"bench"},
                                             {"convert"},
                                             {"config"}}) {
    std::istringstream lines(help(command).out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 115u) << line;
  }
}

TEST(Version, NamesCommitAndInstructionSet) {
  const Outcome outcome = run_program({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("reformer " + std::string(version())), HasSubstr("commit "),
                    HasSubstr("SIMD: "), HasSubstr("threads: ")));
}

}  // namespace
}  // namespace reformer::test
