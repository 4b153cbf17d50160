#include "reformer/bench/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/math/peak.h"

namespace reformer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Does what the loop that measures peak does.
Subject loop(const std::string& name, int64_t rounds, double operations) {
  return {{name, [rounds] { run_multiply_adds(rounds); }}, operations, 0.5};
}

TEST(CostMeter, TheLoopCostsItsOperations) {
  const double operations = run_multiply_adds(1'000'000);
  CostMeter meter({loop("once", 1'000'000, operations), loop("twice", 2'000'000, operations)});
  meter.measure(10);
  const std::vector<Cost> costs = meter.costs();
  ASSERT_EQ(costs.size(), 2u);
  EXPECT_NEAR(costs[0].fraction_of_peak(), 1, 0.25);
  EXPECT_NEAR(costs[1].fraction_of_peak(), 0.5, 0.125);
  EXPECT_EQ(costs[1].name, "twice");
}

// name, cost, operations, least fraction
const std::vector<Cost> kCosts = {{"product", 100, 80, 0.5}, {"norm", 10, 0, 0}};

TEST(Guard, IsContentWithWhatIsOnRecord) {
  EXPECT_THAT(complaints(kCosts, {{"product", 100}, {"norm", 10}}, 1.5), IsEmpty());
  EXPECT_THAT(complaints(kCosts, {{"product", 67}, {"norm", 7}}, 1.5), IsEmpty());
}

TEST(Guard, FindsWhatIsTwiceAsSlow) {
  EXPECT_THAT(complaints(kCosts, {{"product", 50}, {"norm", 10}}, 1.5),
              ElementsAre(HasSubstr("product costs 2.00 times what is on record, more than 1.5")));
  EXPECT_THAT(complaints(kCosts, {{"product", 100}, {"norm", 5}}, 1.5),
              ElementsAre(HasSubstr("norm costs 2.00")));
}

TEST(Guard, FindsWhatIsNotOnRecordUnlessNothingIs) {
  EXPECT_THAT(complaints(kCosts, {{"product", 100}}, 1.5),
              ElementsAre(HasSubstr("norm is not on record")));
  EXPECT_THAT(complaints(kCosts, {}, 1.5), IsEmpty());
}

TEST(Guard, FindsTooSmallAPartOfPeakOnAnyCpu) {
  EXPECT_THAT(complaints({{"product", 200, 80, 0.5}}, {}, 1.5),
              ElementsAre(HasSubstr("product reaches 40.0 % of peak, less than 50 %")));
  EXPECT_THAT(complaints({{"product", 200, 80, 0.3}}, {}, 1.5), IsEmpty());
}

}  // namespace
}  // namespace reformer
