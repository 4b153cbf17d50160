#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/apps/mistake.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(DiscrepancyCommand, WritesWhatItPrintsAndTakesItsModelsBack) {
  const TemporaryDirectory directory;
  const Outcome trained = run_program(
      {"experiment", "discrepancy", "--size", "smoke", "--seed", "4", "--out", directory / "out"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(trained.out, AllOf(HasSubstr("(a) "), HasSubstr("(b) "), HasSubstr("(c) "),
                                 HasSubstr("lsh_logit_scale"), HasSubstr("full_own"),
                                 HasSubstr("full_key_norm"), HasSubstr("Smaller suspects")));
  EXPECT_THAT(names_in(directory / "out"),
              ElementsAre("discrepancy.json", "discrepancy.md", "seed-4"));
  const std::string json = read_text(directory / "out/discrepancy.json");

  const Outcome repeated = run_program({"experiment", "discrepancy", "--size", "smoke", "--seed",
                                        "4", "--out", directory / "out", "--json", "--quiet"});
  EXPECT_EQ(repeated.out, json) << repeated.err;
  EXPECT_EQ(read_text(directory / "out/discrepancy.json"), json);

  const Outcome again = run_program({"experiment", "discrepancy", "--size", "smoke", "--seed", "4",
                                     "--models", directory / "out", "--json", "--quiet"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.err, "");
  EXPECT_EQ(again.out, json);

  const auto study = nlohmann::json::parse(json);
  EXPECT_EQ(study["size"], "smoke");
  EXPECT_THAT(study["commit"].get<std::string>(), testing::Not(testing::IsEmpty()));
  EXPECT_EQ(study["models"].size(), 8u);

  // A number of the study, from the model itself.
  const auto losing = study["comparisons"][0]["runs"][0]["losing"];
  ASSERT_EQ(study["comparisons"][0]["model"], "seed-full");
  const Outcome evaluated = run_program({"eval", directory / "out/seed-4/seed-full.safetensors",
                                         "--attention", "lsh-8", "--json", "--quiet"});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  EXPECT_EQ(nlohmann::json::parse(evaluated.out)["cells"][0], losing);
}

TEST(DiscrepancyCommand, GoesOnWhereItWasStopped) {
  const TemporaryDirectory directory;
  const std::string out = directory / "out";
  RunningProgram program({"experiment", "discrepancy", "--size", "smoke", "--seed", "4",
                          "--log-seconds", "0", "--out", out});
  program.wait_until_it_speaks();
  program.send(SIGINT);
  const Outcome stopped = program.wait();
  ASSERT_EQ(stopped.exit_code, 128 + SIGINT) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("to go on: the same command again"));
  EXPECT_THAT(names_in(out), ElementsAre("seed-4"));
  const Outcome resumed = run_program({"experiment", "discrepancy", "--size", "smoke", "--seed",
                                       "4", "--jobs", "2", "--out", out, "--json", "--quiet"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  const Outcome at_once = run_program(
      {"experiment", "discrepancy", "--size", "smoke", "--seed", "4", "--json", "--quiet"});
  EXPECT_EQ(resumed.out, at_once.out);
}

TEST(DiscrepancyCommand, MistakesLeaveNothingBehind) {
  const TemporaryDirectory directory;
  const std::string out = directory / "out";
  expect_mistake(run_program({"experiment", "discrepancy", "--size", "labtop", "--out", out}),
                 {"[discrepancy]", "did you mean 'laptop'?"});
  expect_mistake(run_program({"experiment", "discrepancy", "--models", directory / "none", "--out",
                              out, "--quiet"}),
                 {"expected a directory of models"});
  expect_mistake(run_program({"experiment", "discrepancy", "--models", directory.path().string(),
                              "--out", out, "--quiet"}),
                 {"[discrepancy]", "expected at least one of the models"});
  expect_mistake(run_program({"experiment", "discrepancy", "--models", directory.path().string(),
                              "--jobs", "2", "--out", out}),
                 {"[--jobs]", "expected models that are trained in runs"});
  expect_mistake(run_program({"experiment", "discrepancy", "--seed", "9223372036854775806",
                              "--seeds", "3", "--out", out}),
                 {"[--seed]", "room for 3 seeds"});
  EXPECT_THAT(names_in(directory.path()), testing::IsEmpty());
}

}  // namespace
}  // namespace reformer::test
