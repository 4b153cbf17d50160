#include "reformer/task/duplication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "reformer/base/error.h"

namespace reformer {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

ExampleBuffer training(const DuplicationTask& task, int64_t step, int64_t batch, int64_t index) {
  ExampleBuffer buffer;
  task.training_example(step, batch, index, buffer);
  return buffer;
}

TaskConfig torch_config(TaskForm form = TaskForm::seed) {
  return {.form = form, .generator = Generator::torch, .training_rows = 6, .validation_rows = 3};
}

// torch.manual_seed(42); torch.randint(1, 128, (6, 4)) starts [44 68 22 10] [74 33 116 105], and
// column 0 becomes 0: w = 68 22 10, then 33 116 105.
TEST(Duplication, SeedFormByHand) {
  const DuplicationTask task(torch_config(), 8, false, 42);
  const ExampleBuffer first = training(task, 0, 2, 0);
  EXPECT_THAT(first.inputs, ElementsAre(0, 68, 22, 10, 0, 68, 22, 10));
  EXPECT_THAT(first.targets, ElementsAre(68, 22, 10, 0, 68, 22, 10, 0));
  EXPECT_EQ(first.scored_begin, 4);  // reads the second 0, predicts 68
  EXPECT_EQ(first.scored_end, 8);    // the last row predicts 0
  EXPECT_THAT(training(task, 0, 2, 1).inputs, ElementsAre(0, 33, 116, 105, 0, 33, 116, 105));
}

TEST(Duplication, SeedFormShiftedByHand) {
  const DuplicationTask task(torch_config(), 8, true, 42);
  const ExampleBuffer first = training(task, 0, 2, 0);
  EXPECT_THAT(first.inputs, ElementsAre(0, 0, 68, 22, 10, 0, 68, 22));
  EXPECT_THAT(first.targets, ElementsAre(0, 68, 22, 10, 0, 68, 22, 10));
  EXPECT_EQ(first.scored_begin, 5);  // reads the second 0, predicts 68
  EXPECT_EQ(first.scored_end, 8);
}

// The generator's numbers are 1608637542, 3421126067, 4083286876, 787846414; modulo 126, plus 1.
TEST(Duplication, PaperFormByHand) {
  const DuplicationTask task(torch_config(TaskForm::paper), 8, false, 42);
  const ExampleBuffer first = training(task, 0, 2, 0);
  EXPECT_THAT(first.inputs, ElementsAre(0, 24, 89, 41, 0, 24, 89, 41));
  EXPECT_THAT(first.targets, ElementsAre(24, 89, 41, 0, 24, 89, 41, 0));
  EXPECT_EQ(first.scored_begin, 4);
  EXPECT_EQ(first.scored_end, 7);  // nothing is asked after the last symbol
}

TEST(Duplication, PaperFormShiftedByHand) {
  const DuplicationTask task(torch_config(TaskForm::paper), 8, true, 42);
  const ExampleBuffer first = training(task, 0, 2, 0);
  EXPECT_THAT(first.inputs, ElementsAre(0, 0, 24, 89, 41, 0, 24, 89));
  EXPECT_THAT(first.targets, ElementsAre(0, 24, 89, 41, 0, 24, 89, 41));
  EXPECT_EQ(first.scored_begin, 5);
  EXPECT_EQ(first.scored_end, 8);
}

TEST(Duplication, ScoredPredictionsOfTheReportsAtTheirLength) {
  const auto scored = [](TaskForm form, bool shift) {
    const DuplicationTask task({.form = form}, 1024, shift, 1);
    const ExampleBuffer buffer = training(task, 0, 1, 0);
    EXPECT_EQ(buffer.scored_begin, task.scored_begin());
    EXPECT_EQ(buffer.scored_end, task.scored_end());
    return Example(buffer).scored();
  };
  EXPECT_EQ(scored(TaskForm::seed, false), 512);
  EXPECT_EQ(scored(TaskForm::seed, true), 511);
  EXPECT_EQ(scored(TaskForm::paper, false), 511);
  EXPECT_EQ(scored(TaskForm::paper, true), 511);
}

TEST(Duplication, AnyEvenLength) {
  for (const Generator generator : {Generator::torch, Generator::philox}) {
    TaskConfig config = torch_config();
    config.generator = generator;
    for (const int64_t length : {4, 6, 10, 14, 30, 62, 126, 1000, 4098}) {
      const DuplicationTask task(config, length, false, 1);
      const ExampleBuffer example = training(task, 0, 1, 0);
      ASSERT_EQ(static_cast<int64_t>(example.inputs.size()), length);
      ASSERT_EQ(static_cast<int64_t>(example.targets.size()), length);
      const auto half = static_cast<size_t>(length / 2);
      for (size_t t = 0; t < 2 * half; ++t) {
        ASSERT_EQ(example.inputs[t] == 0, t % half == 0) << length << " " << t;
        ASSERT_EQ(example.inputs[t], example.inputs[t % half]);
        ASSERT_EQ(example.targets[t], t + 1 < 2 * half ? example.inputs[t + 1] : 0);
      }
    }
  }
}

// The model can find what it must predict where the example says.
TEST(Duplication, SaysWhereTheAnswerWasRead) {
  for (const TaskForm form : {TaskForm::seed, TaskForm::paper}) {
    for (const bool shift : {false, true}) {
      TaskConfig config;
      config.form = form;
      const DuplicationTask task(config, 62, shift, 1);
      ExampleBuffer example;
      task.validation_example(3, example);
      ASSERT_GT(example.answer_distance, 0);
      for (int64_t t = example.scored_begin; t < example.scored_end; ++t) {
        EXPECT_EQ(example.inputs[static_cast<size_t>(t - example.answer_distance)],
                  example.targets[static_cast<size_t>(t)])
            << "shift " << shift << " row " << t;
      }
    }
  }
}

TEST(Duplication, OtherLengthsAreMistakes) {
  const auto expect = [](int64_t length, const char* advice) {
    EXPECT_THAT([&] { DuplicationTask({}, length, false, 1); },
                ThrowsMessage<Error>(AllOf(HasSubstr("[length]"), HasSubstr("even"),
                                           HasSubstr(std::to_string(length)), HasSubstr(advice))));
  };
  expect(7, "try 8");
  expect(1023, "try 1024");
  expect(2, "try 4");
  expect(0, "try 4");
  expect(-8, "try 4");
}

TEST(Duplication, EverySymbolAndNoOtherAtChanceFrequency) {
  for (const Generator generator : {Generator::torch, Generator::philox}) {
    for (const TaskForm form : {TaskForm::seed, TaskForm::paper}) {
      const int64_t symbols = form == TaskForm::seed ? 127 : 126;
      const DuplicationTask task({.form = form, .generator = generator}, 202, true, 3);
      EXPECT_EQ(task.vocabulary_needed(), symbols + 1);
      EXPECT_DOUBLE_EQ(task.chance_accuracy(), 1.0 / static_cast<double>(symbols));
      // Accuracy of the guess "always c", for each c.
      std::vector<double> hits(static_cast<size_t>(symbols + 1));
      double scored = 0;
      ExampleBuffer buffer;
      for (int64_t i = 0; i < 2000; ++i) {
        task.training_example(0, 2000, i, buffer);
        for (int64_t t = buffer.scored_begin; t < buffer.scored_end; ++t, ++scored) {
          ++hits.at(static_cast<size_t>(buffer.targets[static_cast<size_t>(t)]));
        }
      }
      EXPECT_EQ(hits[0], 0);
      const double chance = task.chance_accuracy();
      for (size_t c = 1; c < hits.size(); ++c) {
        EXPECT_NEAR(hits[c] / scored, chance, 5 * std::sqrt(chance / scored)) << c;
      }
    }
  }
}

TEST(Duplication, ADataSetBeginsAgainUnshuffled) {
  for (const Generator generator : {Generator::torch, Generator::philox}) {
    TaskConfig config{.generator = generator, .training_rows = 10, .validation_rows = 1};
    const DuplicationTask task(config, 32, false, 5);
    for (int64_t number = 0; number < 36; ++number) {
      const ExampleBuffer row = training(task, 0, 10, number % 10);
      EXPECT_EQ(training(task, number / 4, 4, number % 4).inputs, row.inputs) << number;
      EXPECT_EQ(training(task, number / 3, 3, number % 3).inputs, row.inputs) << number;
      EXPECT_NE(training(task, 0, 10, (number + 1) % 10).inputs, row.inputs) << number;
    }
  }
}

TEST(Duplication, AStreamStartsLikeItsDataSetAndNeverEnds) {
  const TaskConfig data_set{.training_rows = 10};
  TaskConfig endless = data_set;
  endless.source = DataSource::stream;
  const DuplicationTask rows(data_set, 32, false, 5), stream(endless, 32, false, 5);
  EXPECT_EQ(training(stream, 2, 4, 1).inputs, training(rows, 2, 4, 1).inputs);
  EXPECT_EQ(training(rows, 2, 4, 2).inputs, training(rows, 0, 4, 0).inputs);
  EXPECT_NE(training(stream, 2, 4, 2).inputs, training(stream, 0, 4, 0).inputs);
  EXPECT_EQ(training(stream, int64_t{1} << 50, 64, 3).inputs.size(), 32);
}

TEST(Duplication, TorchRowsEndSoAStreamOfThemIsAMistake) {
  TaskConfig config = torch_config();
  config.source = DataSource::stream;
  EXPECT_THAT([&] { DuplicationTask(config, 8, false, 1); },
              ThrowsMessage<Error>(AllOf(HasSubstr("[generator]"), HasSubstr("philox"))));
}

TEST(Duplication, TheSeedAndOnlyTheSeedDecides) {
  for (const Generator generator : {Generator::torch, Generator::philox}) {
    TaskConfig config = torch_config();
    config.generator = generator;
    const DuplicationTask task(config, 64, false, 7), same(config, 64, false, 7),
        other(config, 64, false, 8);
    EXPECT_EQ(training(task, 0, 6, 5).inputs, training(same, 0, 6, 5).inputs);
    EXPECT_NE(training(task, 0, 6, 5).inputs, training(other, 0, 6, 5).inputs);
  }
}

// A run recorded by one version must see the same data under the next.
TEST(Duplication, PhiloxRowsAreFrozen) {
  const DuplicationTask task({}, 12, false, 42);
  EXPECT_THAT(training(task, 3, 4, 1).inputs,
              ElementsAre(0, 24, 91, 124, 1, 108, 0, 24, 91, 124, 1, 108));
  ExampleBuffer validation;
  task.validation_example(2, validation);
  EXPECT_THAT(validation.inputs, ElementsAre(0, 36, 68, 41, 109, 105, 0, 36, 68, 41, 109, 105));
}

TEST(Duplication, ManyThreadsSeeTheSameExamples) {
  const DuplicationTask task({}, 128, false, 9);
  std::vector<ExampleBuffer> alone(200), together(200);
  for (size_t i = 0; i < 200; ++i) task.training_example(0, 200, static_cast<int64_t>(i), alone[i]);
  std::vector<std::thread> threads;
  for (size_t first = 0; first < 3; ++first) {
    threads.emplace_back([&, first] {
      for (size_t i = first; i < 200; i += 3) {
        task.training_example(0, 200, static_cast<int64_t>(i), together[i]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < 200; ++i) EXPECT_EQ(alone[i].inputs, together[i].inputs) << i;
}

TEST(Duplication, ABufferIsReused) {
  const DuplicationTask task({}, 64, true, 9);
  ExampleBuffer buffer;
  task.training_example(0, 1, 0, buffer);
  const int32_t *inputs = buffer.inputs.data(), *targets = buffer.targets.data();
  task.validation_example(0, buffer);
  EXPECT_EQ(buffer.inputs.data(), inputs);
  EXPECT_EQ(buffer.targets.data(), targets);
  const Example view = buffer;
  EXPECT_EQ(view.inputs.data(), inputs);
  EXPECT_EQ(view.scored_begin, 33);
}

TEST(Duplication, IndicesAreChecked) {
  const DuplicationTask task({.validation_rows = 3}, 8, false, 1);
  ExampleBuffer buffer;
  EXPECT_THROW(task.validation_example(3, buffer), std::logic_error);
  EXPECT_THROW(task.validation_example(-1, buffer), std::logic_error);
  EXPECT_THROW(task.training_example(0, 4, 4, buffer), std::logic_error);
  EXPECT_THROW(task.training_example(-1, 4, 0, buffer), std::logic_error);
}

TEST(TaskConfig, IsSetByName) {
  TaskConfig config;
  for (Setting& setting : settings_of(config)) {
    if (setting.name == "form") setting.set("paper", "test");
    if (setting.name == "source") setting.set("stream", "test");
    if (setting.name == "generator") setting.set("torch", "test");
    if (setting.name == "training_rows") {
      setting.set(7, "test");
      EXPECT_THROW(setting.set(0, "test"), Error);
    }
    if (setting.name == "validation_rows") setting.set(8, "test");
    if (setting.name == "seed_report_validation") setting.set(true, "test");
  }
  EXPECT_EQ(config.form, TaskForm::paper);
  EXPECT_EQ(config.source, DataSource::stream);
  EXPECT_EQ(config.generator, Generator::torch);
  EXPECT_EQ(config.training_rows, 7);
  EXPECT_EQ(config.validation_rows, 8);
  EXPECT_TRUE(config.seed_report_validation);
}

}  // namespace
}  // namespace reformer
