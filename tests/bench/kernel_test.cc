// No kernel is timed before it was compared with plain arithmetic, and a wrong one is found.
#include "reformer/bench/kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reformer/bench/kernels.h"

namespace reformer {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

ModelConfig small() {
  ModelConfig config = model_preset("smoke");
  config.length = 64;
  return config;
}

std::vector<Kernel> kernels() {
  return all_kernels(small(), std::vector<std::string>{"full", "lsh-1", "lsh-2"});
}

// The kernel, run on the right data but found to be off by `factor` times its allowance.
Kernel deviating(double factor) {
  Kernel kernel{"broken", "1 x 1", 0, 0, {}};
  kernel.make = [=] { return KernelCase{[] {}, [=] { return factor; }}; };
  return kernel;
}

TEST(Kernels, AreRight) {
  for (const Kernel& kernel : kernels()) EXPECT_NO_THROW(validate(kernel)) << kernel.name;
}

TEST(Kernels, HaveDistinctNamesAndCounts) {
  std::vector<std::string> names;
  for (const Kernel& kernel : kernels()) {
    names.push_back(kernel.name);
    EXPECT_GT(kernel.bytes, 0) << kernel.name;
  }
  for (const std::string& name : names) EXPECT_EQ(std::ranges::count(names, name), 1) << name;
}

// Leaving out the run leaves zeros where results belong: each comparison has to see that.
TEST(Kernels, EachComparisonSeesAResultThatWasNotComputed) {
  for (const Kernel& kernel : product_kernels(small())) {
    EXPECT_GT(kernel.make().deviation(), 1) << kernel.name;
  }
  for (const Kernel& kernel : row_kernels(small())) {
    EXPECT_GT(kernel.make().deviation(), 1) << kernel.name;
  }
}

TEST(Kernels, AWrongOneIsNotMeasured) {
  ThreadPool pool(2);
  EXPECT_THAT(
      [&] { measure_kernels(std::vector<Kernel>{kernels().front(), deviating(1.5)}, 1, pool); },
      ThrowsMessage<std::logic_error>(
          AllOf(HasSubstr("'broken' (1 x 1)"), HasSubstr("1.5 times what rounding"))));
  EXPECT_THROW(validate(deviating(std::nan(""))), std::logic_error);
  EXPECT_NO_THROW(validate(deviating(1)));
}

TEST(Kernels, AreMeasuredInTheirOrder) {
  ThreadPool pool(2);
  const std::vector<Kernel> some = product_kernels(small());
  const KernelSpeeds speeds = measure_kernels(some, 1, pool);
  ASSERT_EQ(speeds.kernels.size(), some.size());
  EXPECT_GT(speeds.peak, 0);
  for (size_t i = 0; i < some.size(); ++i) {
    const KernelSpeed& speed = speeds.kernels[i];
    EXPECT_EQ(speed.name, some[i].name);
    EXPECT_GT(speed.seconds, 0);
    EXPECT_DOUBLE_EQ(speed.operations_per_second, 2 * some[i].operations / speed.seconds);
    EXPECT_DOUBLE_EQ(speed.bytes_per_second, 2 * some[i].bytes / speed.seconds);
  }
}

TEST(Worst, IsTheLargestPartOfTheBound) {
  Worst worst;
  worst.add(1, 1, 0);
  EXPECT_EQ(worst.deviation(), 0);
  worst.add(1.5, 1, 2);
  worst.add(0.5, 1, 1);
  worst.add(1, 1.25, 1);
  EXPECT_EQ(worst.deviation(), 0.5);
  worst.add(std::nan(""), 1, 1);
  worst.add(0, 1, 1);
  EXPECT_EQ(worst.deviation(), std::numeric_limits<double>::infinity());
}

TEST(Worst, ADifferenceWhereNoneIsAllowedIsInfinite) {
  Worst worst;
  worst.add(1, 2, 0);
  EXPECT_EQ(worst.deviation(), std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace reformer
