#include "reformer/experiment/spread.h"

#include <gtest/gtest.h>

#include <cmath>

namespace reformer::test {
namespace {

// Values of printed tables of Student's distribution, which have four or five digits.
TEST(StudentT, IsThatOfThePrintedTables) {
  EXPECT_NEAR(student_t(0.05, 1), 12.7062, 5e-5);
  EXPECT_NEAR(student_t(0.05, 2), 4.30265, 5e-6);
  EXPECT_NEAR(student_t(0.05, 3), 3.18245, 5e-6);
  EXPECT_NEAR(student_t(0.05, 4), 2.77645, 5e-6);
  EXPECT_NEAR(student_t(0.05, 9), 2.26216, 5e-6);
  EXPECT_NEAR(student_t(0.05, 10), 2.22814, 5e-6);
  EXPECT_NEAR(student_t(0.05, 30), 2.04227, 5e-6);
  EXPECT_NEAR(student_t(0.05, 120), 1.97993, 5e-6);
  EXPECT_NEAR(student_t(0.01, 5), 4.03214, 5e-6);
  EXPECT_NEAR(student_t(0.05, 1'000'000), 1.959964, 1e-5) << "the normal distribution";
}

TEST(Spread, ByHand) {
  const double numbers[] = {1, 2, 3, 4, 5};
  const Spread spread = spread_of(numbers);
  EXPECT_EQ(spread.count, 5);
  EXPECT_EQ(spread.mean, 3);
  EXPECT_DOUBLE_EQ(spread.deviation, std::sqrt(2.5));
  EXPECT_EQ(spread.lowest, 1);
  EXPECT_EQ(spread.highest, 5);
  const double half = 2.776445 * std::sqrt(2.5 / 5);
  EXPECT_NEAR(spread.interval_low, 3 - half, 1e-5);
  EXPECT_NEAR(spread.interval_high, 3 + half, 1e-5);
  EXPECT_EQ(to_json(spread)["interval_95"].size(), 2u);
}

TEST(Spread, OneNumberHasNoInterval) {
  const double number[] = {0.5};
  const Spread spread = spread_of(number);
  EXPECT_EQ(spread.mean, 0.5);
  EXPECT_EQ(spread.deviation, 0);
  EXPECT_TRUE(std::isnan(spread.interval_low));
  EXPECT_TRUE(to_json(spread)["interval_95"].is_null());
}

}  // namespace
}  // namespace reformer::test
