// The validation trap: reseeding the generator made the seed report validate on training rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <set>
#include <tuple>
#include <vector>

#include "reformer/base/error.h"
#include "reformer/task/duplication.h"

namespace reformer {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

using Rows = std::set<std::vector<int32_t>>;

Rows training_rows(const DuplicationTask& task, int64_t count) {
  Rows rows;
  ExampleBuffer buffer;
  for (int64_t i = 0; i < count; ++i) {
    task.training_example(i, 1, 0, buffer);
    rows.insert(buffer.inputs);
  }
  return rows;
}

struct Case {
  TaskForm form;
  DataSource source;
  Generator generator;
  int64_t length;
  int64_t training_rows;
  int64_t validation_rows;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << enum_name(c.form) << " " << enum_name(c.source) << " " << enum_name(c.generator)
       << " T=" << c.length << " " << c.training_rows << "+" << c.validation_rows;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const TaskForm form : {TaskForm::seed, TaskForm::paper}) {
    // Words of one or two symbols must recur, so that disjointness cannot be luck.
    for (const auto& [length, training, validation] :
         {std::tuple{4, 100, 500}, {6, 12800, 1280}, {8, 12800, 1280}, {128, 2000, 500}}) {
      all.push_back({form, DataSource::dataset, Generator::torch, length, training, validation});
      all.push_back({form, DataSource::dataset, Generator::philox, length, training, validation});
      all.push_back({form, DataSource::stream, Generator::philox, length, training, validation});
    }
    all.push_back({form, DataSource::dataset, Generator::philox, 4, 12800, 1280});
    all.push_back({form, DataSource::stream, Generator::philox, 4, 12800, 1280});
    all.push_back({form, DataSource::dataset, Generator::torch, 8, 1, 10});
  }
  return all;
}

class Validation : public testing::TestWithParam<Case> {
 protected:
  DuplicationTask task(bool seed_report_validation, uint64_t seed = 42) const {
    const Case& c = GetParam();
    return DuplicationTask({.form = c.form,
                            .source = c.source,
                            .generator = c.generator,
                            .training_rows = c.training_rows,
                            .validation_rows = c.validation_rows,
                            .seed_report_validation = seed_report_validation},
                           c.length, false, seed);
  }
};
INSTANTIATE_TEST_SUITE_P(Sources, Validation, testing::ValuesIn(cases()));

TEST_P(Validation, SharesNoRowWithTraining) {
  const DuplicationTask task = this->task(false);
  const Rows trained = training_rows(task, 2 * GetParam().training_rows);
  ExampleBuffer buffer;
  for (int64_t i = 0; i < task.validation_rows(); ++i) {
    task.validation_example(i, buffer);
    EXPECT_FALSE(trained.contains(buffer.inputs)) << "validation row " << i;
  }
}

TEST_P(Validation, IsTheTrainingSetWhenTheSeedReportsBehaviourIsAskedFor) {
  const DuplicationTask task = this->task(true), apart = this->task(false);
  ExampleBuffer training, validation;
  for (int64_t i = 0; i < std::min(GetParam().training_rows, task.validation_rows()); ++i) {
    task.training_example(i, 1, 0, training);
    task.validation_example(i, validation);
    EXPECT_EQ(validation.inputs, training.inputs) << i;
    apart.training_example(i, 1, 0, validation);
    EXPECT_EQ(validation.inputs, training.inputs) << "the flag changed training row " << i;
  }
}

TEST_P(Validation, IsTheSameEveryTimeAndDiffersBetweenSeeds) {
  const DuplicationTask task = this->task(false), same = this->task(false),
                        other = this->task(false, 7);
  ExampleBuffer a, b;
  int differing = 0;
  for (int64_t i = 0; i < task.validation_rows(); ++i) {
    task.validation_example(i, a);
    same.validation_example(i, b);
    EXPECT_EQ(a.inputs, b.inputs);
    other.validation_example(i, b);
    differing += a.inputs != b.inputs;
  }
  EXPECT_GT(differing, 0);
}

// More validation rows than training rows: the reseeded generator simply runs on.
TEST(SeedReportValidation, RunsPastTheTrainingRows) {
  TaskConfig config{.generator = Generator::torch,
                    .training_rows = 1,
                    .validation_rows = 2,
                    .seed_report_validation = true};
  ExampleBuffer buffer;
  DuplicationTask(config, 8, false, 42).validation_example(1, buffer);
  EXPECT_THAT(buffer.inputs, testing::ElementsAre(0, 33, 116, 105, 0, 33, 116, 105));
}

TEST(TorchValidation, ContinuesTheTrainingStream) {
  TaskConfig config{.generator = Generator::torch, .training_rows = 1, .validation_rows = 2};
  const DuplicationTask task(config, 8, false, 42);
  ExampleBuffer buffer;
  task.validation_example(0, buffer);
  EXPECT_THAT(buffer.inputs, testing::ElementsAre(0, 33, 116, 105, 0, 33, 116, 105));
  task.validation_example(1, buffer);
  EXPECT_THAT(buffer.inputs, testing::ElementsAre(0, 75, 85, 110, 0, 75, 85, 110));
}

TEST(TorchValidation, TrainingRowsThatLeaveNoWordAreAMistake) {
  TaskConfig config{.generator = Generator::torch};
  EXPECT_THAT([&] { DuplicationTask(config, 4, false, 1); },
              ThrowsMessage<Error>(HasSubstr("[training_rows]")));
  config.seed_report_validation = true;
  EXPECT_NO_THROW(DuplicationTask(config, 4, false, 1));
}

// A sixteenth of all words is validation's; the others are training's, at the shortest length too.
TEST(PhiloxValidation, ReservesASixteenthOfTheWords) {
  const DuplicationTask task({.source = DataSource::stream, .validation_rows = 200000}, 6, false,
                             3);
  const Rows trained = training_rows(task, 200000);
  Rows validated;
  ExampleBuffer buffer;
  for (int64_t i = 0; i < task.validation_rows(); ++i) {
    task.validation_example(i, buffer);
    validated.insert(buffer.inputs);
  }
  constexpr double kWords = 127 * 127;
  EXPECT_NEAR(static_cast<double>(trained.size() + validated.size()), kWords, 2);
  EXPECT_NEAR(static_cast<double>(validated.size()), kWords / 16, 5 * std::sqrt(kWords / 16));
}

}  // namespace
}  // namespace reformer
