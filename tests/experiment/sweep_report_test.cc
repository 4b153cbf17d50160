#include "reformer/experiment/sweep_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reformer {
namespace {

using testing::HasSubstr;
using testing::Not;

// A finished run with `right` of three symbols right, where the target is all.
MemberOutcome finished(int64_t step, int64_t right) {
  MemberOutcome outcome;
  outcome.status = MemberStatus::finished;
  outcome.step = step;
  outcome.validation = BatchLoss{.loss = 1, .correct = right, .scored = 3};
  outcome.target_reached = right == 3;
  return outcome;
}

std::vector<SweepMember> three_seeds(double target) {
  Sweep sweep{run_preset("smoke"), {}, 3};
  sweep.base.train.target_accuracy = target;
  return members_of(sweep);
}

TEST(SweepReport, CountsTheStepsOfRunsThatReachedTheirTarget) {
  const std::vector<SweepMember> members = three_seeds(0.9);
  const std::vector<MemberOutcome> outcomes = {finished(30, 3), finished(50, 2), finished(40, 3)};
  const std::vector<SweepPoint> points = points_of(members, outcomes);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_EQ(points[0].accuracy.count, 3);
  EXPECT_EQ(points[0].steps_to_target.count, 2);
  EXPECT_EQ(points[0].steps_to_target.mean, 35);
  EXPECT_THAT(sweep_text(members, outcomes),
              AllOf(HasSubstr("reached target"), HasSubstr("2 of 3"), HasSubstr("35 +- 7")));
  const auto json = sweep_json(Sweep{}, members, outcomes);
  EXPECT_EQ(json["points"][0]["steps_to_target"]["lowest"], 30);
  EXPECT_EQ(json["runs"][0]["target_reached"], true);
  EXPECT_EQ(json["runs"][1]["target_reached"], false);
  EXPECT_TRUE(json["machine"]["simd"].is_string());
}

TEST(SweepReport, RunsThatDidNotFinishReachNothing) {
  const std::vector<SweepMember> members = three_seeds(0.9);
  std::vector<MemberOutcome> outcomes(3);
  outcomes[0] = finished(30, 2);
  outcomes[1].status = MemberStatus::failed;
  EXPECT_THAT(sweep_text(members, outcomes),
              AllOf(HasSubstr("1 of 3"), HasSubstr("0 of 3"), HasSubstr("  missed\n")));
  const auto json = sweep_json(Sweep{}, members, outcomes);
  EXPECT_TRUE(json["points"][0]["steps_to_target"].is_null());
  EXPECT_EQ(json["points"][0]["seeds"], 3);
  EXPECT_TRUE(json["runs"][1]["target_reached"].is_null());
}

TEST(SweepReport, WithoutTargetNothingIsSaidOfOne) {
  const std::vector<SweepMember> members = three_seeds(0);
  const std::vector<MemberOutcome> outcomes(3, finished(30, 2));
  EXPECT_THAT(sweep_text(members, outcomes), Not(HasSubstr("target")));
  EXPECT_TRUE(sweep_json(Sweep{}, members, outcomes)["runs"][0]["target_reached"].is_null());
}

}  // namespace
}  // namespace reformer
