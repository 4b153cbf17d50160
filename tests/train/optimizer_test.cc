#include "reformer/train/optimizer.h"

#include <set>
#include <stdexcept>

#include "reformer/train/adafactor.h"
#include "reformer/train/adam.h"
#include "tests/train/optimizer_cases.h"

namespace reformer::testing {
namespace {

// Parameters and memory after some steps, concatenated.
std::vector<float> everything_after(Optimizer& optimizer, std::vector<float> parameters,
                                    int64_t steps, int threads) {
  ThreadPool pool(threads);
  for (int64_t i = 0; i < steps; ++i) {
    const int64_t step = optimizer.steps_done();
    optimizer.step(parameters, gradients_of_step(static_cast<int64_t>(parameters.size()), step),
                   rates_of_step(step), pool);
  }
  for (const StateTensor& tensor : optimizer.state()) {
    parameters.insert(parameters.end(), tensor.values.begin(), tensor.values.end());
  }
  return parameters;
}

class EveryOptimizer : public ::testing::TestWithParam<OptimizerKind> {
 protected:
  std::unique_ptr<Optimizer> make() const {
    return make_optimizer(optimizer_defaults(GetParam()), layout_);
  }

  const ParameterLayout layout_ = small_layout();
  const std::vector<float> start_ = normal_values(layout_.total_size(), 0);
};

TEST_P(EveryOptimizer, GivesTheSameBitsForAnyNumberOfThreads) {
  const std::vector<float> alone = everything_after(*make(), start_, 4, 1);
  EXPECT_EQ(everything_after(*make(), start_, 4, 2), alone);
  EXPECT_EQ(everything_after(*make(), start_, 4, 3), alone);
}

TEST_P(EveryOptimizer, ResumesBitByBit) {
  const std::unique_ptr<Optimizer> straight = make();
  const std::vector<float> expected = everything_after(*straight, start_, 6, 1);

  const std::unique_ptr<Optimizer> before = make();
  std::vector<float> saved = everything_after(*before, start_, 3, 1);
  const std::unique_ptr<Optimizer> after = make();
  after->set_steps_done(before->steps_done());
  const std::vector<StateTensor> from = before->state(), to = after->state();
  ASSERT_EQ(from.size(), to.size());
  for (size_t i = 0; i < from.size(); ++i) {
    EXPECT_EQ(from[i].name, to[i].name);
    std::copy(from[i].values.begin(), from[i].values.end(), to[i].values.begin());
  }
  saved.resize(start_.size());
  EXPECT_EQ(everything_after(*after, saved, 3, 1), expected);
  EXPECT_EQ(after->steps_done(), 6);
}

TEST_P(EveryOptimizer, NamesItsStateAndFillsItsShapes) {
  std::set<std::string> names;
  for (const StateTensor& tensor : make()->state()) {
    EXPECT_TRUE(names.insert(tensor.name).second) << tensor.name;
    EXPECT_EQ(
        static_cast<int64_t>(tensor.values.size()),
        std::accumulate(tensor.shape.begin(), tensor.shape.end(), int64_t{1}, std::multiplies<>()))
        << tensor.name;
  }
  EXPECT_GE(names.size(), layout_.all().size());
}

TEST_P(EveryOptimizer, RefusesArraysOfAnotherSize) {
  ThreadPool pool(1);
  const std::unique_ptr<Optimizer> optimizer = make();
  std::vector<float> right(start_), wrong(start_.size() - 1);
  EXPECT_THROW(optimizer->step(wrong, wrong, {}, pool), std::logic_error);
  EXPECT_THROW(optimizer->step(right, wrong, {}, pool), std::logic_error);
  EXPECT_EQ(optimizer->steps_done(), 0);
}

TEST_P(EveryOptimizer, IsTheOneThatWasAskedFor) {
  const std::unique_ptr<Optimizer> optimizer = make();
  EXPECT_EQ(dynamic_cast<Adafactor*>(optimizer.get()) != nullptr,
            GetParam() == OptimizerKind::adafactor);
  EXPECT_EQ(dynamic_cast<Adam*>(optimizer.get()) != nullptr,
            GetParam() != OptimizerKind::adafactor);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryOptimizer, ::testing::ValuesIn(kAllKinds),
                         [](const ::testing::TestParamInfo<OptimizerKind>& info) {
                           std::string name(enum_name(info.param));
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace reformer::testing
