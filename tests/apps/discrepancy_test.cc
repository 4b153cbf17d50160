#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  expect_mistake(run_program({"experiment", "discrepancy", "--seed", "9223372036854775806",
                              "--seeds", "3", "--out", out}),
                 {"[--seed]", "room for 3 seeds"});
  EXPECT_THAT(names_in(directory.path()), testing::IsEmpty());
}

}  // namespace
}  // namespace reformer::test
