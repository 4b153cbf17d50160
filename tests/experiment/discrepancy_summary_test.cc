#include "reformer/experiment/discrepancy_summary.h"

#include <gtest/gtest.h>

namespace reformer {
namespace {

Cell cell(int64_t percent) {
  Cell out;
  out.loss.correct = percent;
  out.loss.scored = 100;
  return out;
}

struct Percent {
  std::string name;
  int64_t breaks, heals;
};

ComparisonRun run(int64_t losing, int64_t keeping, const std::vector<Percent>& flips) {
  ComparisonRun out{cell(losing), cell(keeping), {}};
  for (const Percent& flip : flips) {
    out.flips.push_back({flip.name, cell(flip.breaks), cell(flip.heals)});
  }
  return out;
}

ComparisonSummary summary_of(std::vector<ComparisonRun> runs) {
  return summarise(ComparisonResult{comparisons().front(), std::move(runs)});
}

TEST(DiscrepancySummary, AveragesOverTrainingSeeds) {
  const ComparisonSummary s = summary_of({run(2, 90, {{"x", 4, 80}}), run(4, 100, {{"x", 8, 90}})});
  EXPECT_DOUBLE_EQ(s.losing.mean, 0.03);
  EXPECT_DOUBLE_EQ(s.keeping.mean, 0.95);
  EXPECT_DOUBLE_EQ(s.flips[0].breaks.mean, 0.06);
  EXPECT_DOUBLE_EQ(s.flips[0].heals.mean, 0.85);
  EXPECT_DOUBLE_EQ(s.flips[0].heals.highest, 0.90);
}

TEST(DiscrepancySummary, OneSwitchThatWorksBothWays) {
  const ComparisonSummary s = summary_of({run(3, 97, {{"scale", 5, 96}, {"mask", 96, 3}})});
  EXPECT_TRUE(is_cause(s, s.flips[0]));
  EXPECT_TRUE(is_cure(s, s.flips[0]));
  EXPECT_FALSE(is_cause(s, s.flips[1]));
  EXPECT_FALSE(is_cure(s, s.flips[1]));
  EXPECT_EQ(verdict(s),
            "`scale` alone takes 92.00 of 94.00 points and gives back 93.00; what else differs "
            "moves it by at most 1.00 points.");
}

TEST(DiscrepancySummary, ACauseNeedNotBeACure) {
  const ComparisonSummary s = summary_of({run(2, 100, {{"own", 3, 10}, {"scale", 6, 2}})});
  EXPECT_EQ(verdict(s),
            "`own` alone takes 97.00 of 98.00 points but gives back only 8.00; `scale` alone takes "
            "94.00 of 98.00 points but gives back only 0.00.");
}

TEST(DiscrepancySummary, ACureNeedNotBeACause) {
  const ComparisonSummary s = summary_of({run(0, 100, {{"x", 90, 60}})});
  EXPECT_EQ(verdict(s), "`x` alone gives back 60.00 of 100.00 points but takes only 10.00.");
}

TEST(DiscrepancySummary, NoSwitchAloneIsSaidPlainly) {
  const ComparisonSummary s = summary_of({run(0, 100, {{"x", 60, 30}, {"y", 70, 49}})});
  EXPECT_EQ(verdict(s),
            "No switch alone takes or gives back half of it; what else differs moves it by at most "
            "49.00 points.");
}

TEST(DiscrepancySummary, NothingIsExplainedWhereNothingIsLost) {
  const ComparisonSummary s = summary_of({run(97, 100, {{"x", 97, 100}})});
  EXPECT_FALSE(is_cause(s, s.flips[0]));
  EXPECT_EQ(verdict(s), "These weights lose 3.00 points, too little to explain.");
}

TEST(DiscrepancySummary, SuspectsAreComparedOnTheSameWeights) {
  SuspectResult result{suspects().front(), {}};
  result.runs.push_back({{cell(50), cell(60)}, {cell(40), cell(60)}});
  result.runs.push_back({{cell(80), cell(80)}, {cell(70), cell(80)}});
  const SuspectSummary s = summarise(result);
  EXPECT_DOUBLE_EQ(s.usual.mean, (0.5 + 0.6 + 0.8 + 0.8) / 4);
  EXPECT_NEAR(s.difference.mean, -0.05, 1e-12);
  EXPECT_NEAR(s.difference.deviation, 0, 1e-12) << "seeds differ, but not in the difference";
  EXPECT_NEAR(s.usual_rotations, (0.0707107 + 0) / 2, 1e-6);
  EXPECT_NEAR(s.changed_rotations, (0.1414214 + 0.0707107) / 2, 1e-6);
}

TEST(DiscrepancySummary, MeaningsAreThoseOfAModelOverItsSeeds) {
  Discrepancy study;
  for (const auto& [name, percent] :
       {std::pair{"seed-lsh-4", 10}, {"seed-full", 50}, {"seed-lsh-4", 20}}) {
    StudiedModel model{.name = name, .config = {}, .own = {}, .meanings = {}};
    for (const std::string& meaning : semantics_names()) {
      for (const std::string_view evaluated : kMeaningAttentions) {
        Cell one = cell(percent + (evaluated == "full" ? 0 : 1) + (meaning == "trax" ? 5 : 0));
        one.evaluated = evaluated;
        one.semantics = meaning;
        model.meanings.push_back(one);
      }
    }
    study.models.push_back(model);
  }
  const std::vector<MeaningSummary> summary = summarise_meanings(study);
  ASSERT_EQ(summary.size(), 4U);
  EXPECT_EQ(summary[0].model, "seed-full");
  EXPECT_EQ(summary[3].model, "seed-lsh-4");
  EXPECT_EQ(summary[3].evaluated, "lsh-8");
  const auto trax = std::ranges::find(semantics_names(), "trax") - semantics_names().begin();
  EXPECT_EQ(summary[3].by_meaning[static_cast<size_t>(trax)].count, 2);
  EXPECT_DOUBLE_EQ(summary[3].by_meaning[static_cast<size_t>(trax)].mean, 0.21);
  EXPECT_DOUBLE_EQ(summary[1].by_meaning[0].mean, 0.51);
}

}  // namespace
}  // namespace reformer
