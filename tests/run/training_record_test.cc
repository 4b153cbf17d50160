#include "reformer/run/training_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/base/error.h"

namespace reformer {
namespace {

std::string complaint_about(const nlohmann::json& object) {
  try {
    training_record_from_json(object, ModelConfig(), "file");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TrainingRecord, SurvivesJson) {
  TrainingRecord record{run_preset("paper"), 17, ~uint64_t{42}};
  const TrainingRecord read =
      training_record_from_json(to_json(record), record.config.model, "test");
  EXPECT_EQ(to_json(read), to_json(record));
  EXPECT_EQ(read.rotation_seed, ~uint64_t{42});
}

TEST(TrainingRecord, MissingPartsMeanAnEndlessStream) {
  const TrainingRecord read =
      training_record_from_json({{"note", "of another origin"}}, ModelConfig(), "test");
  EXPECT_EQ(read.config.task.source, DataSource::stream);
  EXPECT_EQ(read.config.train.seed, 0);
  EXPECT_EQ(read.rotation_seed, ~uint64_t{0});
}

TEST(TrainingRecord, RotationsFollowTheSeedWhereNotGiven) {
  EXPECT_EQ(training_record_from_json({{"train", {{"seed", 5}}}}, {}, "test").rotation_seed,
            ~uint64_t{5});
}

TEST(TrainingRecord, RefusesWhatIsWrong) {
  using testing::HasSubstr;
  EXPECT_THAT(complaint_about({{"train", {{"stepps", 5}}}}), HasSubstr("file: train"));
  EXPECT_THAT(complaint_about({{"task", 5}}), HasSubstr("file: task"));
  EXPECT_THAT(complaint_about({{"rotation_seed", -1}}), HasSubstr("file: rotation_seed"));
  EXPECT_THAT(complaint_about({{"steps_done", "9"}}), HasSubstr("file: steps_done"));
}

}  // namespace
}  // namespace reformer
