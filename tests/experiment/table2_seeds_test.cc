#include "reformer/experiment/table2_seeds.h"

#include <gtest/gtest.h>

#include "reformer/experiment/published.h"

namespace reformer {
namespace {

// A study in which every cell has the same accuracy, in per cent.
Table2 flat_table(int64_t seed, int64_t percent) {
  Table2 table;
  table.seed = seed;
  for (const auto trained : kTrainedWith) {
    for (const auto semantics : kTable2Meanings) {
      for (const auto evaluated : kEvaluatedWith) {
        Cell cell;
        cell.trained = trained;
        cell.evaluated = evaluated;
        cell.semantics = semantics;
        cell.loss.correct = percent;
        cell.loss.scored = 100;
        table.cells.push_back(cell);
      }
    }
  }
  return table;
}

TEST(Table2Seeds, MeanDeviationAndRangeByHand) {
  const std::vector<Table2> tables = {flat_table(3, 90), flat_table(4, 96), flat_table(5, 2)};
  const SeedSummary summary = summarise(tables);
  ASSERT_EQ(summary.cells.size(), 60U);
  const CellSpread& cell = summary.cells[7];
  EXPECT_NEAR(cell.spread.mean, (0.90 + 0.96 + 0.02) / 3, 1e-12);
  // Squares about the mean 0.62667: 0.07471 + 0.11111 + 0.36804 = 0.55387, halved, and its root.
  EXPECT_NEAR(cell.spread.deviation, 0.52624, 1e-5);
  EXPECT_EQ(cell.spread.lowest, 0.02);
  EXPECT_EQ(cell.spread.highest, 0.96);
  ASSERT_EQ(summary.learned.size(), 4U);
  for (const Learned& learned : summary.learned) EXPECT_EQ(learned.seeds, 2) << learned.trained;
  const std::string text = summary_text(summary);
  EXPECT_NE(text.find("2/3"), std::string::npos) << text;
  EXPECT_NE(text.find("62.67 +- 52.62 [2.00, 96.00]"), std::string::npos) << text;
  EXPECT_EQ(summary_json(summary).at("cells").size(), 60U);
}

TEST(Table2Seeds, OneSeedHasNoDeviation) {
  const std::vector<Table2> tables = {flat_table(3, 90)};
  EXPECT_EQ(summarise(tables).cells[0].spread.deviation, 0);
}

TEST(Table2Seeds, NothingCannotBeSummarised) { EXPECT_THROW(summarise({}), std::logic_error); }

}  // namespace
}  // namespace reformer
