#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/mistake.h"
#include "tests/apps/one_model.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Eval : public OneModel<Eval> {
 public:
  static constexpr const char* kCommand = "eval";

 protected:
  static std::string model() { return path("run/model.safetensors"); }
  static nlohmann::json cells(std::vector<std::string> arguments) {
    return json(std::move(arguments))["cells"];
  }
  static std::vector<std::string> column(const nlohmann::json& cells, const char* key) {
    std::vector<std::string> values;
    for (const auto& cell : cells) {
      values.push_back(cell[key].is_string() ? cell[key].get<std::string>() : cell[key].dump());
    }
    return values;
  }
};

TEST_F(Eval, ShowsATable) {
  const Outcome outcome = on_model({"--attention", "full,lsh:4"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("trained with lsh-2 attention, consistent semantics"),
                    HasSubstr("16 unseen sequences of 32 tokens"), HasSubstr("lost pairs"),
                    HasSubstr("\nfull "), HasSubstr("\nlsh-4 ")));
}

TEST_F(Eval, StartsWithTheOwnAttentionByDefault) {
  EXPECT_THAT(column(cells({}), "evaluated"),
              ElementsAre("lsh-2", "full", "lsh-8", "lsh-4", "lsh-1"));
}

TEST_F(Eval, KnowsEveryMeaning) {
  EXPECT_THAT(column(cells({"--attention", "lsh-1", "--semantics", "all"}), "semantics"),
              ElementsAre("consistent", "seed", "paper", "lucidrains", "trax", "huggingface"));
  EXPECT_THAT(column(cells({"--attention", "lsh-1", "--semantics", "trax,seed"}), "semantics"),
              ElementsAre("trax", "seed"));
}

TEST_F(Eval, ChangesSingleSwitchesOfAMeaning) {
  const auto table =
      cells({"--attention", "full", "--semantics", "consistent,paper", "--change",
             "full_own=allowed,full_key_norm=none,full_logit_scale=inverse-sqrt-dim"});
  EXPECT_THAT(table[0]["semantics"].get<std::string>(), HasSubstr("consistent, full_own=allowed"));
  EXPECT_EQ(table[0]["loss"], table[1]["loss"]);  // what makes the one the other
  EXPECT_NE(table[0]["loss"], cells({"--attention", "full"})[0]["loss"]);
}

TEST_F(Eval, ListsGrowWithEachFlag) {
  const auto twice = cells({"--attention", "full", "--attention", "lsh-1", "--change",
                            "full_own=allowed", "--change", "lsh_own=allowed"});
  EXPECT_THAT(column(twice, "evaluated"), ElementsAre("full", "lsh-1"));
  EXPECT_EQ(twice,
            cells({"--attention", "full,lsh-1", "--change", "full_own=allowed,lsh_own=allowed"}));
}

TEST_F(Eval, ADirectoryWithoutModelIsNamed) {
  const TemporaryDirectory directory;
  expect_mistake(run_program({"eval", directory.path().string()}), {"found another directory"});
}

TEST_F(Eval, FullAttentionHasNoRotations) {
  const auto table = cells({"--attention", "full,lsh-1", "--rotation-seed", "1,2"});
  EXPECT_THAT(column(table, "evaluated"), ElementsAre("full", "lsh-1", "lsh-1"));
  EXPECT_THAT(column(table, "rotation_seed"), ElementsAre("1", "1", "2"));
  EXPECT_NE(table[1]["loss"], table[2]["loss"]);
}

TEST_F(Eval, OptionsChangeWhatIsEvaluated) {
  const auto usual = cells({"--attention", "lsh-2"});
  const std::vector<std::vector<std::string>> all = {
      {"--sequences", "20"}, {"--data-seed", "9"},     {"--form", "paper"},
      {"--buckets", "8"},    {"--chunk-length", "16"}, {"--rotation-seed", "5"}};
  for (std::vector<std::string> option : all) {
    option.insert(option.end(), {"--attention", "lsh-2"});
    EXPECT_NE(cells(option)[0]["loss"], usual[0]["loss"]) << option[0];
  }
  EXPECT_EQ(cells({"--attention", "lsh-2", "--sequences", "20"})[0]["sequences"], 20);
}

TEST_F(Eval, ResultsSayWhatMadeThem) {
  const auto result = json({"--attention", "full"});
  EXPECT_FALSE(result["version"].get<std::string>().empty());
  EXPECT_FALSE(result["commit"].get<std::string>().empty());
  EXPECT_FALSE(result["machine"]["cpu"].get<std::string>().empty());
}

TEST_F(Eval, TakesTheFileItself) {
  EXPECT_EQ(run_program({"eval", model(), "--attention", "full"}).exit_code, 0);
}

TEST_F(Eval, RefusesWrongOptions) {
  expect_mistake(on_model({"--attention", "lsh-0"}), {"[attention]", "1 to 64", "'lsh-0'"});
  expect_mistake(on_model({"--attention", "flul"}), {"[attention]", "'flul'"});
  expect_mistake(on_model({"--change", "full_owner=allowed"}), {"full_owner", "full_own"});
  expect_mistake(on_model({"--change", "full_own"}), {"switch=value", "\"full_own\""});
  expect_mistake(on_model({"--change", "chunk_length=16"}), {"[semantics]", "chunk_length"});
  expect_mistake(on_model({"--change", "full_own=bar"}), {"[semantics: full_own]", "\"bar\""});
  expect_mistake(on_model({"--change", "full_own=allowed,full_own=replace"}),
                 {"full_own", "twice"});
  expect_mistake(on_model({"--attention", "full,,lsh-1"}), {"[--attention]", "commas"});
  expect_mistake(on_model({"--semantics", "payper"}), {"did you mean 'paper'?"});
  expect_mistake(on_model({"--rotation-seed", "-1"}), {"[--rotation-seed]", "-1"});
  expect_mistake(on_model({"--buckets", "7"}), {"even"});
  expect_mistake(on_model({"--chunk-length", "5"}), {"divides"});
  expect_mistake(on_model({"--sequences", "0"}), {"[--sequences]"});
  expect_mistake(on_model({"--data-seed", "18446744073709551615"}),
                 {"[--data-seed]", "(below 2^63)"});
  expect_mistake(on_model({"--threads", "0"}), {"[--threads]"});
}

TEST_F(Eval, RefusesATruncatedModel) {
  const TemporaryDirectory directory;
  const std::string bytes = read_text(model());
  for (const size_t size : {size_t{0}, size_t{7}, size_t{500}, bytes.size() - 1}) {
    write_text(directory / "cut.safetensors", bytes.substr(0, size));
    expect_mistake(run_program({"eval", directory / "cut.safetensors"}), {"cut.safetensors"});
  }
}

TEST_F(Eval, RefusesAModelOfAnotherShape) {
  const TemporaryDirectory directory;
  std::string bytes = read_text(model());
  // Another width in the configuration, and no checksum that would notice first.
  const std::string width = R"(\"head_dim\":16)";
  const size_t at = bytes.find(width);
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, width.size(), R"(\"head_dim\":32)");
  const std::string checksum = R"(,"xxh3":")";
  const size_t sum = bytes.find(checksum);
  ASSERT_NE(sum, std::string::npos);
  bytes.replace(sum, checksum.size() + 17, std::string(checksum.size() + 17, ' '));
  write_text(directory / "other.safetensors", bytes);
  expect_mistake(run_program({"eval", directory / "other.safetensors"}),
                 {"other.safetensors", "expected", "64", "32"});
}

}  // namespace
}  // namespace reformer::test
