// What a sweep's description comes to.
#include "reformer/experiment/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/base/error.h"

namespace reformer::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Sweep sweep_with(const std::vector<std::string>& axes, int64_t seeds = 1) {
  Sweep sweep{run_preset("smoke"), {}, seeds};
  for (const std::string& axis : axes) add_axis(sweep, parse_axis(axis, "--sweep"));
  return sweep;
}

std::vector<std::string> names(const Sweep& sweep) {
  std::vector<std::string> names;
  for (const SweepMember& member : members_of(sweep)) names.push_back(member.name);
  return names;
}

TEST(Sweep, IsEveryCombinationForEverySeed) {
  const Sweep sweep = sweep_with({"learning-rate=1e-3,1e-4", "attention=full,lsh"}, 2);
  EXPECT_THAT(names(sweep), ElementsAre("attention=full,learning_rate=0.001,seed=42",
                                        "attention=full,learning_rate=0.001,seed=43",
                                        "attention=full,learning_rate=0.0001,seed=42",
                                        "attention=full,learning_rate=0.0001,seed=43",
                                        "attention=lsh,learning_rate=0.001,seed=42",
                                        "attention=lsh,learning_rate=0.001,seed=43",
                                        "attention=lsh,learning_rate=0.0001,seed=42",
                                        "attention=lsh,learning_rate=0.0001,seed=43"));
  const SweepMember last = members_of(sweep).back();
  EXPECT_EQ(last.point, "attention=lsh,learning_rate=0.0001");
  EXPECT_EQ(last.config.model.attention, AttentionKind::lsh);
  EXPECT_EQ(last.config.train.schedule.learning_rate, 1e-4);
  EXPECT_EQ(last.config.train.seed, 43);
}

TEST(Sweep, OfNothingButSeeds) {
  EXPECT_THAT(names(sweep_with({}, 2)), ElementsAre("seed=42", "seed=43"));
  EXPECT_THAT(names(sweep_with({"seed=7,3"})), ElementsAre("seed=7", "seed=3"));
}

TEST(Sweep, AnotherOptimizerBringsItsValues) {
  const auto members = members_of(sweep_with({"optimizer=adamw,fastai-adam"}));
  EXPECT_EQ(members[0].config.train.optimizer, optimizer_defaults(OptimizerKind::adamw));
  EXPECT_EQ(members[1].config.train.optimizer, run_preset("smoke").train.optimizer);
}

TEST(Sweep, ReadsBackWhatItWrites) {
  const Sweep sweep = sweep_with({"learning-rate=1e-3,1e-4", "attention=full,lsh"}, 2);
  const auto json = nlohmann::json::parse(to_json(sweep).dump());
  EXPECT_EQ(to_json(sweep_from_json(json, "sweep.json")), to_json(sweep));
}

TEST(Sweep, FilesMayBeShort) {
  const auto json = nlohmann::json::parse(
      R"({"preset": "smoke", "config": {"train": {"steps": 7}}, "sweep": {"batch": [2, 3]}})");
  const auto members = members_of(sweep_from_json(json, "file"));
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[1].config.train.steps, 7);
  EXPECT_EQ(members[1].config.train.batch, 3);
}

TEST(Sweep, MistakesAreExplained) {
  const auto refuses = [](const auto& make, const std::string& message) {
    EXPECT_THAT([&] { members_of(make()); }, ThrowsMessage<Error>(HasSubstr(message)));
  };
  refuses([] { return sweep_with({"lerning_rate=1"}); }, "did you mean 'learning_rate'?");
  refuses([] { return sweep_with({"learning_rate"}); }, "SETTING=VALUE,VALUE");
  refuses([] { return sweep_with({"learning_rate=fast"}); }, "--sweep: learning_rate");
  refuses([] { return sweep_with({"learning_rate="}); }, "--sweep: learning_rate");
  refuses([] { return sweep_with({"learning_rate=1,1.0"}); }, "different values");
  refuses([] { return sweep_with({"batch=1", "batch=2"}); }, "every setting once");
  refuses([] { return sweep_with({"seed=1,2"}, 2); }, "by one way");
  refuses([] { return sweep_with({"buckets=2,3"}); }, "even");
  refuses([] { return sweep_with({"hash_rounds=1,2"}); }, "try --attention lsh");
  EXPECT_EQ(members_of(sweep_with({"hash_rounds=1,2", "attention=full,lsh"})).size(), 4u);
  refuses([] { return sweep_with({}, 0); }, "1 to 1000 seeds");
  std::string many = "steps=1";
  for (int i = 2; i <= 200; ++i) many += "," + std::to_string(i);
  refuses([&] { return sweep_with({many}, 100); }, "at most 10000 runs");
  const auto refuses_file = [&](const char* text, const std::string& message) {
    refuses([&] { return sweep_from_json(nlohmann::json::parse(text), "file"); }, message);
  };
  refuses_file("[]", "expected an object");
  refuses_file(R"({"seed": 3})", "did you mean 'seeds'?");
  refuses_file(R"({"seeds": 0})", "file: seeds");
  refuses_file(R"({"sweep": {"batch": 3}})", "a list of values");
  refuses_file(R"({"sweep": {"batch": []}})", "found none");
  refuses_file(R"({"sweep": {"batch": ["many"]}})", "file: sweep: batch");
  refuses_file(R"({"config": {"train": {"stepz": 3}}})", "steps");
}

}  // namespace
}  // namespace reformer::test
