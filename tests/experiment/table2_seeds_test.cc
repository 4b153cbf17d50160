#include "reformer/experiment/table2_seeds.h"

#include <gtest/gtest.h>

#include "reformer/experiment/published.h"

namespace reformer {
namespace {

// A study in which every cell has the same accuracy, in per cent.
Table2 flat_table(int64_t seed, int64_t percent) {
  Table2 table;
  table.size = "laptop";
  table.seed = seed;
  table.own_meaning = "seed";
  table.meanings.assign(kTable2Meanings.begin(), kTable2Meanings.end());
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

TEST(Table2Seeds, MeanDeviationAndIntervalByHand) {
  const std::vector<Table2> tables = {flat_table(3, 90), flat_table(4, 96), flat_table(5, 2)};
  const SeedSummary summary = summarise(tables);
  ASSERT_EQ(summary.cells.size(), 60U);
  const Spread& spread = summary.cells[7].over_training;
  EXPECT_NEAR(spread.mean, (0.90 + 0.96 + 0.02) / 3, 1e-12);
  // Squares about the mean 0.62667: 0.07471 + 0.11111 + 0.36804 = 0.55387, halved, and its root.
  EXPECT_NEAR(spread.deviation, 0.52624, 1e-5);
  EXPECT_EQ(spread.lowest, 0.02);
  EXPECT_EQ(spread.highest, 0.96);
  ASSERT_EQ(summary.learned.size(), 4U);
  for (const Learned& learned : summary.learned) EXPECT_EQ(learned.seeds, 2) << learned.trained;
  const std::string text = summary_text(summary);
  EXPECT_NE(text.find("2/3"), std::string::npos) << text;
  EXPECT_NE(text.find("62.67 +- 52.62 [-68.06, 193.39]"), std::string::npos) << text;
  EXPECT_EQ(summary_json(summary).at("cells").size(), 60U);
  EXPECT_EQ(summary_json(summary).at("size"), "laptop");
}

TEST(Table2Seeds, OneSeedHasNoDeviation) {
  const std::vector<Table2> tables = {flat_table(3, 90)};
  EXPECT_EQ(summarise(tables).cells[0].over_training.deviation, 0);
}

TEST(Table2Seeds, RotationSeedsAreSummedUpApartFromTrainingSeeds) {
  std::vector<Table2> tables = {flat_table(3, 90), flat_table(4, 80)};
  tables[0].more_rotations = {flat_table(3, 92).cells, flat_table(3, 94).cells};
  tables[1].more_rotations = {flat_table(4, 84).cells, flat_table(4, 88).cells};
  const SeedSummary summary = summarise(tables);
  EXPECT_EQ(summary.rotations, 3);
  const CellSpread& cell = summary.cells[7];
  EXPECT_EQ(cell.over_training.count, 2);
  EXPECT_NEAR(cell.over_training.lowest, 0.84, 1e-12);   // 80, 84, 88
  EXPECT_NEAR(cell.over_training.highest, 0.92, 1e-12);  // 90, 92, 94
  EXPECT_EQ(cell.over_rotations.count, 3);
  EXPECT_NEAR(cell.over_rotations.lowest, 0.85, 1e-12);   // 90, 80
  EXPECT_NEAR(cell.over_rotations.mean, 0.88, 1e-12);     // 85, 88, 91
  EXPECT_NEAR(cell.over_rotations.highest, 0.91, 1e-12);  // 94, 88
  const std::string text = summary_text(summary);
  EXPECT_NE(text.find("over rotation seeds"), std::string::npos) << text;
  EXPECT_NE(text.find("88.00 +- 3.00 [80.55, 95.45]"), std::string::npos) << text;  // t = 4.303
}

// The number before a change is the table's, or that of a meaning which stands among the switches.
TEST(Table2Seeds, SwitchesAreSummedUpOverTrainingSeeds) {
  std::vector<Table2> tables = {flat_table(3, 90), flat_table(4, 80)};
  for (Table2& table : tables) {
    table.meanings = {"seed"};
    const auto add = [&](const char* semantics, int64_t correct) {
      Cell cell = table.at("lsh-4", "full", "seed");
      cell.semantics = semantics;
      cell.loss.correct = correct;
      table.switches.push_back(cell);
    };
    add("seed, full_key_norm=unit", 100 - table.seed);
    add("paper", 10 * table.seed);
    add("paper, full_own=replace, full_own_value=-10000", 50);
  }
  const SeedSummary summary = summarise(tables);
  ASSERT_EQ(summary.switches.size(), 2U);
  EXPECT_NEAR(summary.switches[0].before.mean, 0.85, 1e-12);
  EXPECT_NEAR(summary.switches[0].after.lowest, 0.96, 1e-12);
  EXPECT_EQ(summary.switches[0].changes, "full_key_norm=unit");
  EXPECT_NEAR(summary.switches[1].before.mean, 0.35, 1e-12);
  EXPECT_NEAR(summary.switches[1].after.mean, 0.50, 1e-12);
  EXPECT_EQ(summary.switches[1].base, "paper");
  EXPECT_EQ(summary.switches[1].changes, "full_own=replace, full_own_value=-10000");
  EXPECT_NE(summary_text(summary).find("85.00 +- 7.07"), std::string::npos)
      << summary_text(summary);
  EXPECT_EQ(summary_json(summary).at("switches").at(1).at("before").at("highest"), 0.4);
}

TEST(Table2Seeds, AModelHasLearnedWhenItHasUnderTheMeaningOfItsTraining) {
  std::vector<Table2> tables = {flat_table(3, 90)};
  for (Cell& cell : tables[0].cells) {
    if (cell.semantics != "seed") cell.loss.correct = 1;
  }
  const SeedSummary summary = summarise(tables);
  EXPECT_EQ(summary.learned[0].seeds, 1);
  EXPECT_EQ(summary_json(summary).at("trained_under"), "seed");
  tables[0].own_meaning = "paper";
  EXPECT_EQ(summarise(tables).learned[0].seeds, 0);
}

TEST(Table2Seeds, ShowsOnlyMeaningsThatThereAre) {
  Table2 table = flat_table(3, 90);
  std::erase_if(table.cells, [](const Cell& cell) { return cell.semantics != "seed"; });
  table.meanings = {"seed"};
  const std::string text = summary_text(summarise(std::span(&table, 1)));
  EXPECT_NE(text.find("Under seed semantics"), std::string::npos) << text;
  EXPECT_EQ(text.find("Under paper semantics"), std::string::npos) << text;
}

TEST(Table2Seeds, NothingCannotBeSummarised) { EXPECT_THROW(summarise({}), std::logic_error); }

}  // namespace
}  // namespace reformer
