#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/mistake.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string config_text(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "config");
  const Outcome outcome = run_program(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  return outcome.out;
}

nlohmann::json config_of(const std::vector<std::string>& arguments) {
  return nlohmann::json::parse(config_text(arguments));
}

TEST(Config, SurvivesItsFile) {
  const TemporaryDirectory directory;
  for (const char* preset : {"laptop", "seed", "paper", "smoke"}) {
    const std::string text = config_text({"--preset", preset, "--hashes", "3"});
    write_text(directory / "config.json", text);
    // Whatever preset the file is laid over, it says everything.
    EXPECT_EQ(config_text({"--preset", "laptop", "--config", directory / "config.json"}), text);
    EXPECT_EQ(config_text({"--preset", "paper", "--config", directory / "config.json"}), text);
  }
}

TEST(Config, PresetIsOverriddenByFileAndFileByFlags) {
  const TemporaryDirectory directory;
  write_text(directory / "part.json", R"({"train": {"steps": 7, "batch": 3}})");
  const auto config =
      config_of({"--steps", "9", "--config", directory / "part.json", "--preset", "smoke"});
  EXPECT_EQ(config["train"]["steps"], 9);
  EXPECT_EQ(config["train"]["batch"], 3);
  EXPECT_EQ(config["model"]["length"], 32);
}

TEST(Config, LastOfAFlagCounts) {
  EXPECT_EQ(config_of({"--steps", "5", "--steps", "6"})["train"]["steps"], 6);
  EXPECT_EQ(config_of({"--hashes", "5", "--hash-rounds=6"})["model"]["hash_rounds"], 6);
}

TEST(Config, SwitchesNeedNoValue) {
  EXPECT_EQ(config_of({"--final-norm"})["model"]["final_norm"], true);
  EXPECT_EQ(config_of({"--final-norm", "--steps", "5"})["train"]["steps"], 5);
  EXPECT_EQ(config_of({"--causal", "false"})["model"]["causal"], false);
  EXPECT_EQ(config_of({"--causal=false"})["model"]["causal"], false);
}

TEST(Config, AnotherOptimizerBringsItsOwnValues) {
  const auto flags = config_of({"--optimizer", "adamw", "--beta2", "0.9"})["train"];
  EXPECT_EQ(flags["epsilon"], 1e-8);
  EXPECT_EQ(flags["beta1"], 0.9);
  EXPECT_EQ(flags["beta2"], 0.9);
  const TemporaryDirectory directory;
  write_text(directory / "c.json", R"({"train": {"optimizer": "adafactor", "epsilon": 1e-20}})");
  const auto file = config_of({"--config", directory / "c.json"})["train"];
  EXPECT_EQ(file["epsilon"], 1e-20);
  EXPECT_EQ(file["weight_decay"], 1e-5);
  // Naming the optimiser that it is already keeps what the file gives it.
  const auto same = config_of({"--config", directory / "c.json", "--optimizer", "adafactor"});
  EXPECT_EQ(same["train"], file);
}

TEST(Config, ListsEverySetting) {
  const std::string table = config_text({"--list"});
  const auto config = config_of({});
  for (const auto& [part, settings] : config.items()) {
    for (const auto& [name, value] : settings.items()) {
      std::string flag = "--" + name;
      std::ranges::replace(flag, '_', '-');
      EXPECT_THAT(table, HasSubstr("\n" + flag + " ")) << part;
    }
  }
  EXPECT_THAT(table, HasSubstr("1 .. 64"));
}

TEST(Config, MeaningsShowWhereTheyDiffer) {
  const std::string table = config_text({"--semantics"});
  EXPECT_THAT(table, AllOf(HasSubstr("consistent"), HasSubstr("huggingface"), HasSubstr("  .  ")));
  // The setting of the same name still takes a value here.
  EXPECT_EQ(config_of({"--semantics", "trax"})["model"]["semantics"], "trax");
}

// The part of the page between two marks is generated.
TEST(Config, DocumentationIsUpToDate) {
  const std::string page =
      read_text(std::filesystem::path(REFORMER_SOURCE_DIR) / "docs/command-line.md");
  for (const auto& [mark, table] : {std::pair{"settings", config_text({"--list", "--markdown"})},
                                    {"semantics", config_text({"--semantics", "--markdown"})}}) {
    EXPECT_THAT(page, HasSubstr("<!-- " + std::string(mark) + " -->\n" + table + "<!-- end -->"))
        << "replace that part by what `reformer config` prints";
  }
}

}  // namespace
}  // namespace reformer::test
