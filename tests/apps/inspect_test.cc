#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/apps/mistake.h"
#include "tests/apps/one_model.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class Inspect : public OneModel<Inspect> {
 public:
  static constexpr const char* kCommand = "inspect";
  static std::vector<std::string> training() { return {"--layers", "2", "--chunk-length", "4"}; }
};

// Everything that is counted follows from the buckets and the order that stand beside it.
TEST_F(Inspect, CountsWhatItsBucketsSay) {
  const nlohmann::json result = json({"--sequence", "2"});
  const std::vector<int> inputs = result["inputs"], targets = result["targets"];
  const int distance = result["answer_distance"], chunk = result["chunk_length"];
  const int begin = result["scored"][0], end = result["scored"][1];
  for (int t = begin; t < end; ++t) {
    ASSERT_EQ(inputs[static_cast<size_t>(t - distance)], targets[static_cast<size_t>(t)]);
  }
  for (const auto& head : result["heads"]) {
    std::vector<bool> shared(inputs.size()), met(inputs.size());
    for (const auto& round : head["rounds"]) {
      const std::vector<int> bucket = round["bucket"], order = round["order"];
      ASSERT_EQ(bucket.size(), inputs.size());
      std::vector<int> by_bucket(order.size()), place(order.size());
      std::iota(by_bucket.begin(), by_bucket.end(), 0);
      std::ranges::sort(by_bucket, {}, [&](int t) { return std::pair(bucket[size_t(t)], t); });
      EXPECT_EQ(order, by_bucket);
      for (size_t i = 0; i < order.size(); ++i) place[static_cast<size_t>(order[i])] = int(i);
      int collisions = 0, lost = 0, recalled = 0, in_reach = 0;
      for (int t = 0; t < int(order.size()); ++t) {
        for (int k = 0; k < t; ++k) {
          const bool same = bucket[size_t(t)] == bucket[size_t(k)];
          const int back = place[size_t(t)] / chunk - place[size_t(k)] / chunk;
          collisions += same ? 1 : 0;
          lost += same && back > 1 ? 1 : 0;
          if (t < begin || t >= end || k != t - distance || !same) continue;
          ++recalled;
          in_reach += back <= 1 ? 1 : 0;
          shared[size_t(t)] = true;
          if (back <= 1) met[size_t(t)] = true;
        }
      }
      EXPECT_EQ(round["collisions"], collisions);
      EXPECT_EQ(round["lost_pairs"], lost);
      EXPECT_DOUBLE_EQ(round["hash_recall"], recalled / double(end - begin));
      EXPECT_DOUBLE_EQ(round["in_reach"], in_reach / double(end - begin));
    }
    EXPECT_DOUBLE_EQ(head["hash_recall"],
                     double(std::ranges::count(shared, true)) / double(end - begin));
    EXPECT_DOUBLE_EQ(head["in_reach"], double(std::ranges::count(met, true)) / double(end - begin));
  }
}

TEST_F(Inspect, ShowsARowForEachRound) {
  const Outcome outcome = on_model({});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(
      outcome.out,
      AllOf(HasSubstr("trained with lsh-2 attention, consistent semantics, 4 steps"),
            HasSubstr("validation sequence 0 of 32 tokens under lsh-2"), HasSubstr("hash recall"),
            HasSubstr("\n    1     1    any "), Not(HasSubstr("position"))));
  EXPECT_EQ(json({})["heads"].size(), 4u);
}

TEST_F(Inspect, ShowsHowLongTheVectorsAre) {
  const std::vector<std::string> one = {"--layer", "1", "--head", "1"};
  const std::vector<double> lengths = json(one)["heads"][0]["lengths"];
  ASSERT_EQ(lengths.size(), 32u);
  const auto [shortest, longest] = std::ranges::minmax(lengths);
  EXPECT_GT(shortest, 0);
  EXPECT_LT(shortest, longest);
  const double mean = std::accumulate(lengths.begin(), lengths.end(), 0.0) / 32;
  EXPECT_THAT(on_model(one).out,
              AllOf(ContainsRegex(fmt::format("    1     1  {:.3f} ", mean)),
                    ContainsRegex(fmt::format("  *{:.3f}  *{:.3f}\n", shortest, longest))));
}

TEST_F(Inspect, ShowsThePositionsOfOneHead) {
  const std::vector<std::string> one = {"--layer", "1", "--head", "0"};
  const nlohmann::json head = json(one)["heads"][0];
  EXPECT_EQ(head["layer"], 1);
  EXPECT_EQ(head["head"], 0);
  const std::string text = on_model(one).out;
  EXPECT_THAT(text, AllOf(HasSubstr("full weight"), HasSubstr(" missed"),
                          HasSubstr("\nround 1: positions in the order of their buckets")));
  // "round 0" is followed by its chunks, of which the first begins with the first places.
  const auto& order = head["rounds"][0]["order"];
  EXPECT_THAT(text, HasSubstr("by chunk\n" + order[0].dump() + " " + order[1].dump() + " " +
                              order[2].dump() + " " + order[3].dump() + "\n"));
}

TEST_F(Inspect, HashesAsItIsTold) {
  EXPECT_EQ(json({"--attention", "lsh-3"})["heads"][0]["rounds"].size(), 3u);
  EXPECT_EQ(json({"--attention", "full"})["attention"], "full");
  EXPECT_EQ(json({"--head", "1"})["heads"].size(), 2u);
  EXPECT_NE(json({"--rotation-seed", "1"})["heads"], json({"--rotation-seed", "2"})["heads"]);
  EXPECT_NE(json({"--sequence", "1"})["inputs"], json({})["inputs"]);
}

TEST_F(Inspect, LooksAtAnySequence) {
  std::string tokens = "5";
  for (int t = 1; t < 32; ++t) tokens += "," + std::to_string(t);
  const nlohmann::json result = json({"--tokens", tokens});
  EXPECT_EQ(result["inputs"][31], 31);
  EXPECT_FALSE(result["heads"][0].contains("hash_recall"));
  EXPECT_THAT(on_model({"--tokens", tokens, "--layer", "0", "--head", "0"}).out,
              AllOf(HasSubstr("a sequence of 32 tokens"), Not(HasSubstr("recall")),
                    Not(HasSubstr("target"))));
}

TEST_F(Inspect, RefusesWrongOptions) {
  expect_mistake(on_model({"--layer", "2"}), {"[--layer]", "from 0 to 1", "2"});
  expect_mistake(on_model({"--head", "9"}), {"[--head]", "from 0 to 1", "9"});
  expect_mistake(on_model({"--head", "-1"}), {"[--head]", "-1"});
  expect_mistake(on_model({"--sequence", "16"}), {"[--sequence]", "0 to 15", "16"});
  expect_mistake(on_model({"--tokens", "1 2 3"}), {"[model]", "32 tokens, found 3"});
  expect_mistake(on_model({"--tokens", ""}), {"[model]", "32 tokens, found 0"});
  expect_mistake(on_model({"--tokens", " "}), {"[model]", "32 tokens, found 0"});
  expect_mistake(on_model({"--tokens", "1;2"}), {"[--tokens]", "1;2"});
  expect_mistake(on_model({"--tokens", "1", "--sequence", "1"}), {"[--sequence]", "--tokens"});
  expect_mistake(on_model({"--attention", "lsh-65"}), {"[attention]", "lsh-65"});
  expect_mistake(run_program({"inspect", "none"}), {"[none]", "No such file"});
}

}  // namespace
}  // namespace reformer::test
