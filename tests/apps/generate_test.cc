#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/mistake.h"
#include "tests/apps/one_model.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Generate : public OneModel<Generate> {
 public:
  static constexpr const char* kCommand = "generate";
};

TEST_F(Generate, CopiesTheWordOfAValidationSequence) {
  const nlohmann::json result = json({"--sequence", "3", "--count", "2"});
  ASSERT_EQ(result["sequences"].size(), 2u);
  EXPECT_EQ(result["attention"], "lsh-2");
  for (int i = 0; i < 2; ++i) {
    const nlohmann::json& row = result["sequences"][i];
    EXPECT_EQ(row["sequence"], 3 + i);
    const std::vector<int> prompt = row["prompt"], word = row["word"], copy = row["continuation"];
    ASSERT_EQ(prompt.size(), 17u);
    EXPECT_EQ(prompt.front(), 0);
    EXPECT_EQ(prompt.back(), 0);
    EXPECT_EQ(word, std::vector<int>(prompt.begin() + 1, prompt.end() - 1));
    int right = 0;
    for (size_t t = 0; t < word.size(); ++t) right += copy[t] == word[t] ? 1 : 0;
    EXPECT_EQ(row["copied"], 15);
    EXPECT_EQ(row["right"], right);
  }
}

TEST_F(Generate, ShowsWhatIsWrong) {
  const nlohmann::json row = json({})["sequences"][0];
  const Outcome outcome = on_model({});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("trained with lsh-2 attention, consistent semantics, 4 steps"),
                    HasSubstr("by the likeliest tokens"), HasSubstr("\nvalidation sequence 0\n"),
                    HasSubstr("\n    17  "),
                    HasSubstr("\n" + row["right"].dump() + " of 15 copied tokens are right\n")));
  const int marks = static_cast<int>(std::ranges::count(outcome.out, '^'));
  EXPECT_EQ(marks, 15 - row["right"].get<int>());
}

TEST_F(Generate, ContinuesAGivenPrompt) {
  const nlohmann::json result = json({"--prompt", "0, 5 6", "--tokens", "4", "--count", "2"});
  ASSERT_EQ(result["sequences"].size(), 2u);
  EXPECT_EQ(result["sequences"][0]["prompt"], (std::vector<int>{0, 5, 6}));
  EXPECT_EQ(result["sequences"][0]["continuation"].size(), 4u);
  EXPECT_FALSE(result["sequences"][0].contains("right"));
  EXPECT_THAT(on_model({"--prompt", "1"}).out,
              AllOf(HasSubstr("\nprompt\n"), testing::Not(HasSubstr("right"))));
}

TEST_F(Generate, ChoosesBySeedAndForAnyNumberOfThreads) {
  const std::vector<std::string> hot = {"--prompt", "0", "--temperature", "3", "--count", "3"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), hot.begin(), hot.end());
    return json(more)["sequences"];
  };
  const nlohmann::json one = with({"--threads", "1"});
  EXPECT_EQ(with({"--threads", "3"}), one);
  EXPECT_NE(with({"--seed", "1"}), one);
  EXPECT_NE(with({"--top-k", "2"}), one);
  EXPECT_NE(one[0], one[1]);
}

TEST_F(Generate, AttendsAsItIsTold) {
  EXPECT_EQ(json({"--attention", "full"})["attention"], "full");
  EXPECT_EQ(json({"--semantics", "trax"})["semantics"], "trax");
  EXPECT_EQ(json({"--rotation-seed", "7"})["rotation_seed"], 7);
}

TEST_F(Generate, RefusesWrongOptions) {
  expect_mistake(on_model({"--prompt", "1,x"}), {"[--prompt]", "1,2,3", "\"x\""});
  expect_mistake(on_model({"--prompt", "1.5"}), {"[--prompt]", "\"1.5\""});
  for (const char* text : {"1,,2", "1, ,2", ",1", "1,", ","}) {
    expect_mistake(on_model({"--prompt", text}),
                   {"[--prompt]", "comma", fmt::format("\"{}\"", text)});
  }
  for (const char* flag : {"--seed", "--top-k"}) {
    expect_mistake(on_model({flag, "3"}), {"[--temperature]", "more than 0", flag});
  }
  expect_mistake(on_model({"--prompt", "-1"}), {"[--prompt]", "\"-1\""});
  expect_mistake(on_model({"--prompt", "99999999999"}), {"[--prompt]", "99999999999"});
  expect_mistake(on_model({"--prompt", "500"}), {"[generate]", "from 0 to 127", "500"});
  expect_mistake(on_model({"--prompt", ""}), {"[generate]", "found 0"});
  expect_mistake(on_model({"--prompt", " "}), {"[generate]", "found 0"});
  expect_mistake(on_model({"--prompt", "1", "--tokens", "32"}), {"[generate]", "32 tokens"});
  expect_mistake(on_model({"--prompt", "1", "--sequence", "2"}), {"[--sequence]", "--prompt"});
  expect_mistake(on_model({"--sequence", "16"}), {"[--sequence]", "0 to 15", "16"});
  expect_mistake(on_model({"--sequence", "9223372036854775807"}), {"[--sequence]", "0 to 15"});
  expect_mistake(on_model({"--sequence", "14", "--count", "3"}), {"[--sequence]", "3 of", "14"});
  expect_mistake(on_model({"--tokens", "16"}), {"[generate]", "found 17 and 16"});
  expect_mistake(on_model({"--temperature", "-1"}), {"[--temperature]"});
  expect_mistake(on_model({"--top-k", "-1"}), {"[--top-k]"});
  expect_mistake(on_model({"--attention", "flul"}), {"[attention]", "'flul'"});
  expect_mistake(on_model({"--semantics", "payper"}), {"did you mean 'paper'?"});
  expect_mistake(on_model({"--rotation-seed", "x"}), {"[--rotation-seed]"});
  expect_mistake(run_program({"generate", "none"}), {"[none]", "No such file"});
}

}  // namespace
}  // namespace reformer::test
