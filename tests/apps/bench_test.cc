#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/mistake.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Outcome bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"bench", "--size", "smoke", "--quick"});
  return run_program(arguments);
}

TEST(Bench, PrintsJsonOfTheAgreedShape) {
  const Outcome outcome =
      bench({"--json", "--quiet", "--only", "train-step,attention,evaluate", "--attention",
             "lsh-4,full", "--lengths", "32", "--batch", "2", "--precision", "fp32"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_TRUE(json["peak_gflops"]["fp32"].is_number());
  EXPECT_TRUE(json["peak_gflops"].contains("bf16"));
  for (const char* part : {"train_step", "attention", "evaluate"}) {
    ASSERT_EQ(json[part].size(), 2u) << part;
    for (const auto& row : json[part]) {
      EXPECT_EQ(row["tokens"], 32) << part;
      EXPECT_EQ(row["precision"], "fp32") << part;
      for (const char* key : {"seconds", "useful_gflop", "fraction_of_peak"}) {
        EXPECT_GT(row[key], 0) << part << " " << key;
      }
    }
    EXPECT_EQ(json[part][0]["attention"], "lsh-4") << part;
  }
  EXPECT_EQ(json["train_step"][0]["batch"], 2);
  for (const char* key : {"cpu", "commit", "version", "simd"}) {
    EXPECT_TRUE(json[key].is_string()) << key;
  }
  EXPECT_TRUE(json["threads"].is_number());
}

TEST(Bench, TakesTheThreadsThatItIsGiven) {
  const Outcome outcome = bench({"--json", "--quiet", "--only", "start-up", "--threads", "3"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["threads"], 3);
}

TEST(Bench, PrintsTables) {
  const Outcome outcome = bench({"--only", "kernels,start-up", "--attention", "lsh-1"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("bench: kernels\n"));
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("GFLOP/s in fp32"), HasSubstr("\nweight gradient "),
                    HasSubstr("\nlsh-1 attention, backward "), HasSubstr("first training step")));
}

TEST(Bench, SaysWhatIsWrong) {
  expect_mistake(bench({"--only", "train_step"}),
                 {"--only", "did you mean 'train-step'", "\"train_step\""});
  expect_mistake(bench({"--only", "kernels,,evaluate"}), {"--only", "single commas"});
  expect_mistake(bench({"--size", "seeds"}), {"did you mean 'seed'"});
  expect_mistake(bench({"--attention", "lsh-0"}), {"lsh-0"});
  expect_mistake(bench({"--batch", "0"}), {"--batch", "\"0\""});
  expect_mistake(bench({"--lengths", "33"}), {"33"});
  expect_mistake(bench({"--lengths", "64,1e3"}), {"--lengths", "\"1e3\""});
  expect_mistake(bench({"--repeats", "0"}), {"--repeats", "0"});
  expect_mistake(bench({"--threads", "-1"}), {"--threads"});
  expect_mistake(bench({"--precision", "fp16"}), {"--precision", "fp32 or bf16", "\"fp16\""});
  expect_mistake(bench({"--only", "kernels,evaluate", "--batch", "2"}),
                 {"--batch", "train-step, scaling", "--only kernels,evaluate"});
  expect_mistake(bench({"--only", "start-up", "--attention", "full"}), {"--attention"});
  expect_mistake(bench({"--step-tokens", "64", "--batch", "2"}), {"--step-tokens", "--batch"});
}

}  // namespace
}  // namespace reformer::test
