#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/mistake.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Experiment, SmokeStudyWritesItsTables) {
  const TemporaryDirectory directory;
  const Outcome outcome = run_program(
      {"experiment", "table2", "--size", "smoke", "--out", directory / "out", "--threads", "2"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("measured"), HasSubstr("seed report")));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("full  trained"), HasSubstr("lsh-1  trained")));
  EXPECT_THAT(names_in(directory / "out"),
              ElementsAre("models", "table2.csv", "table2.json", "table2.md"));
  const auto table = nlohmann::json::parse(read_text(directory / "out/table2.json"));
  EXPECT_EQ(table["cells"].size(), 4u * 5 * 3);

  // A model of the study, evaluated by itself, gives the number in the table.
  const Outcome evaluated = run_program(
      {"eval", directory / "out/models/lsh-2.safetensors", "--attention", "lsh-8", "--json"});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  const auto cell = nlohmann::json::parse(evaluated.out)["cells"][0];
  bool found = false;
  for (const auto& other : table["cells"]) {
    if (other["trained"] != "lsh-2" || other["evaluated"] != "lsh-8") continue;
    if (other["semantics"] != "consistent") continue;
    found = true;
    EXPECT_EQ(cell, other);
  }
  EXPECT_TRUE(found);
}

TEST(Experiment, SeedsAreKeptApartAndSummedUp) {
  const TemporaryDirectory directory;
  const Outcome outcome = run_program({"experiment", "table2", "--size", "smoke", "--seed", "7",
                                       "--seeds", "2", "--out", directory / "out"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("seed 7 (1 of 2)"), HasSubstr("seed 8 (2 of 2)")));
  EXPECT_THAT(outcome.out, HasSubstr("over 2 seeds (7 to 8)"));
  EXPECT_THAT(names_in(directory / "out"),
              ElementsAre("seed-7", "seed-8", "table2-seeds.json", "table2-seeds.md"));
  const auto summary = nlohmann::json::parse(read_text(directory / "out/table2-seeds.json"));
  const auto first = nlohmann::json::parse(read_text(directory / "out/seed-7/table2.json"));
  const auto second = nlohmann::json::parse(read_text(directory / "out/seed-8/table2.json"));
  ASSERT_EQ(summary["cells"].size(), first["cells"].size());
  for (size_t i = 0; i < summary["cells"].size(); ++i) {
    const double mean = (first["cells"][i]["accuracy"].get<double>() +
                         second["cells"][i]["accuracy"].get<double>()) /
                        2;
    EXPECT_NEAR(summary["cells"][i]["mean"].get<double>(), mean, 1e-12) << i;
  }
  EXPECT_NE(first["cells"], second["cells"]);
}

TEST(Experiment, TheLastOfTwoValuesCounts) {
  const Outcome outcome = run_program({"experiment", "table2", "--size", "laptop", "--seed", "1",
                                       "--size", "smoke", "--seed", "3", "--json", "--quiet"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto table = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(table["size"], "smoke");
  EXPECT_EQ(table["seed"], 3);
}

TEST(Experiment, JsonOnTheStandardOutput) {
  const Outcome outcome =
      run_program({"experiment", "table2", "--size", "smoke", "--json", "--quiet", "--seed", "3"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["seed"], 3);
}

}  // namespace
}  // namespace reformer::test
