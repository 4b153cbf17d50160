#include "reformer/attention/ahead.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace reformer {
namespace {

TEST(RowsAhead, AsksForEveryPositionInSoManySteps) {
  Matrix all(10, 3);
  std::vector<double> values(4);
  for (const int64_t count : {0, 1, 7, 8, 9}) {
    std::vector<int32_t> positions(static_cast<size_t>(count));
    std::iota(positions.rbegin(), positions.rend(), 0);
    for (const int64_t steps : {0, 1, 3, 4, 20}) {
      RowsAhead ahead;
      ahead.add(all.view());
      ahead.add(std::span<const double>(values), QueryRange{2, 6});  // others have no row
      ahead.expect(positions, steps);
      EXPECT_EQ(ahead.rest().size(), positions.size());
      for (int64_t i = 0; i < std::max<int64_t>(1, steps); ++i) ahead.step();
      EXPECT_TRUE(ahead.rest().empty()) << count << " in " << steps;
      ahead.step();  // nothing is left
    }
  }
}

// Asking changes nothing, so that rows beyond the last would be a mistake for a sanitizer to find.
TEST(RowsAhead, TheNextRowsEndWithTheLast) {
  Matrix all(kRowsAhead + 3, 5);
  for (const int64_t first : {int64_t{0}, kRowsAhead, 2 * kRowsAhead}) {
    ask_for_next_rows(all.view(), first);
    ask_for_next_rows({}, first);
  }
}

TEST(RowsAhead, TakesPositionsInOrderAndForgetsThem) {
  RowsAhead ahead;
  const std::vector<int32_t> positions = {5, 3, 8, 1};
  ahead.expect(positions, 2);
  ahead.step();
  ASSERT_EQ(ahead.rest().size(), 2u);
  EXPECT_EQ(ahead.rest()[0], 8);
  ahead.clear();
  EXPECT_TRUE(ahead.rest().empty());
}

}  // namespace
}  // namespace reformer
