#include "reformer/train/run_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "reformer/base/error.h"
#include "reformer/model/later_settings.h"

namespace reformer {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string complaint_about(const RunConfig& run) {
  try {
    validate(run);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(RunPresets, AllAreValid) {
  EXPECT_THAT(run_preset_names(),
              ElementsAre("laptop", "full", "full-seed", "full-paper", "seed", "paper", "smoke"));
  for (const std::string& name : run_preset_names()) {
    EXPECT_EQ(complaint_about(run_preset(name)), "") << name;
  }
}

TEST(RunPresets, HaveThePublishedData) {
  const TaskConfig seed = run_preset("seed").task;
  EXPECT_EQ(seed.form, TaskForm::seed);
  EXPECT_EQ(seed.source, DataSource::dataset);
  EXPECT_EQ(seed.generator, Generator::torch);
  EXPECT_EQ(seed.training_rows, 12800);
  EXPECT_EQ(seed.validation_rows, 1280);
  EXPECT_FALSE(seed.seed_report_validation);
  const TaskConfig paper = run_preset("paper").task;
  EXPECT_EQ(paper.form, TaskForm::paper);
  EXPECT_EQ(paper.source, DataSource::stream);
}

TEST(RunPresets, UnknownNameSuggestsTheNearest) {
  try {
    run_preset("labtop");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("'labtop'"), HasSubstr("did you mean 'laptop'?")));
  }
}

// Each setting is a flag of the program, so that no two may share a name.
TEST(RunConfig, NamesOfSettingsAreDistinct) {
  RunConfig run;
  std::set<std::string> names;
  for (const Setting& setting : settings_of_run(run)) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_FALSE(setting.help.empty()) << setting.name;
  }
}

TEST(RunConfig, SurvivesJson) {
  for (const std::string& name : run_preset_names()) {
    const RunConfig run = run_preset(name);
    const std::string text = to_json(run).dump();
    RunConfig read;
    from_json(json::parse(text), read, "test");
    EXPECT_EQ(to_json(read).dump(), text) << name;
  }
}

TEST(RunConfig, AbsentKeysKeepTheirValue) {
  RunConfig run = run_preset("paper");
  from_json(json::parse(R"({"model": {"heads": 2}, "train": {}})"), run, "test");
  RunConfig expected = run_preset("paper");
  expected.model.heads = 2;
  EXPECT_EQ(to_json(run), to_json(expected));
}

TEST(RunConfig, NamesWhatItCannotReadAndChangesNothing) {
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"modle": {}})", "did you mean 'model'?"},
      {R"({"train": {"steps": 3, "batsh": 4}})", "[file: train] unknown key"},
      {R"({"train": {"steps": 3}, "model": {"heads": "four"}})", "[file: model: heads]"},
      {R"({"task": {"form": "sed"}})", "did you mean 'seed'?"},
      {R"({"model": {"heads": 3}, "train": 5})", "[file: train] expected an object, found"},
      {R"([])", "[file] expected an object, found"},
  };
  for (const auto& [text, message] : wrong) {
    RunConfig run = run_preset("smoke");
    try {
      from_json(json::parse(text), run, "file");
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(message)) << text;
    }
    EXPECT_EQ(to_json(run), to_json(run_preset("smoke"))) << text;
  }
}

TEST(ValidateRunConfig, NamesContradictionsBetweenTheParts) {
  RunConfig run = run_preset("smoke");
  run.model.vocabulary = 127;
  EXPECT_THAT(complaint_about(run), AllOf(HasSubstr("[config]"), HasSubstr("at least 128"),
                                          HasSubstr("found 127; try 128")));
  run.task.form = TaskForm::paper;  // its symbols end at 126
  EXPECT_EQ(complaint_about(run), "");

  run = run_preset("smoke");
  run.model.length = 33;
  run.model.chunk_length = 11;
  EXPECT_THAT(complaint_about(run),
              AllOf(HasSubstr("[length] expected an even number"), HasSubstr("found 33; try 34")));

  run = run_preset("smoke");
  run.task.generator = Generator::torch;
  EXPECT_THAT(complaint_about(run), HasSubstr("[generator] expected philox with source=stream"));
}

// A run that a program without such a setting began can be read and goes on.
TEST(RequiredSettings, MayLackThoseThatCameLaterAndNoOther) {
  nlohmann::json object = to_json(RunConfig());
  for (const std::string_view later : kLaterModelSettings) {
    EXPECT_EQ(object["model"].erase(std::string(later)), 1U) << later;
  }
  for (const std::string_view later : kLaterTrainSettings) {
    EXPECT_EQ(object["train"].erase(std::string(later)), 1U) << later;
  }
  EXPECT_NO_THROW(require_all_settings(object, "config.json"));
  object["model"].erase("buckets");
  EXPECT_THROW(require_all_settings(object, "config.json"), Error);
}

TEST(ValidateRunConfig, NamesTheFieldOfEveryPart) {
  RunConfig run = run_preset("smoke");
  run.model.heads = 0;
  EXPECT_THAT(complaint_about(run), HasSubstr("[model: heads]"));
  run = run_preset("smoke");
  run.task.validation_rows = 0;
  EXPECT_THAT(complaint_about(run), HasSubstr("[task: validation_rows]"));
  run = run_preset("smoke");
  run.train.batch = 0;
  EXPECT_THAT(complaint_about(run), HasSubstr("[train: batch]"));
}

}  // namespace
}  // namespace reformer
