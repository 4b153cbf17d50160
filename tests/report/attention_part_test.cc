#include "reformer/report/attention_part.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "reformer/base/error.h"
#include "reformer/report/page.h"
#include "tests/run/small_training.h"

namespace reformer::test {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;

TEST(PackedWeights, AreRootsRowByRow) {
  EXPECT_EQ(packed_weights({{1, 0}, {0.25, 0.75}}, true), "/4Dd");       // 255, 128, 221
  EXPECT_EQ(packed_weights({{1, 0}, {0.25, 0.75}}, false), "/wABgN0=");  // 255, 0, 1, 128, 221
}

TEST(PackedWeights, CountZeros) {
  std::vector<double> row(600);
  row[0] = row[599] = 1;
  const std::string packed = packed_weights({row}, false);  // 1, 598 zeros, 1
  EXPECT_EQ(packed, "/wD/AP8AWP8=");                        // 255, 0, 255, 0, 255, 0, 88, 255
  EXPECT_EQ(packed_weights({{0, 0, 0}}, false), "AAM=");
}

class AttentionPartTest : public SmallTrainingTest {
 protected:
  void SetUp() override {
    RunConfig config = small_training();
    config.model.buckets = 2;
    config.model.chunk_length = 4;  // so that buckets overflow
    Watcher watcher;
    begin(config, run_.path)->train(watcher);
  }
  ReportSource run_{"a", directory_.path() / "a"};
};

// Bytes of a causal matrix of 32 rows, with all zeros.
std::vector<uint8_t> unpacked(const std::string& base64) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<uint8_t> packed;
  uint32_t bits = 0;
  int held = 0;
  for (const char c : base64) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<uint32_t>(kDigits.find(c));
    held += 6;
    if (held >= 8) packed.push_back(static_cast<uint8_t>(bits >> (held -= 8)));
  }
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < packed.size(); ++i) {
    if (packed[i] > 0) {
      bytes.push_back(packed[i]);
    } else {
      bytes.resize(bytes.size() + packed.at(++i));
    }
  }
  return bytes;
}

TEST_F(AttentionPartTest, EveryRowSharesOutOne) {
  const ordered_json part = attention_part(run_, {3, 0, 1});
  EXPECT_EQ(part["run"], "a");
  EXPECT_EQ(part["rounds"], 2);
  EXPECT_EQ(part["causal"], true);
  EXPECT_EQ(part["lsh_of_round"].size(), 2u);
  for (const ordered_json& matrix :
       {part["full"], part["lsh"], part["lsh_of_round"][0], part["lsh_of_round"][1]}) {
    const std::vector<uint8_t> bytes = unpacked(matrix);
    ASSERT_EQ(bytes.size(), 32u * 33 / 2);
    for (size_t t = 0, at = 0; t < 32; ++t) {
      double sum = 0, rounding = 0;
      for (size_t k = 0; k <= t; ++k, ++at) {
        const double root = bytes[at] / 255.0;
        sum += root * root;
        rounding += 2 * (root + 1) * 0.5 / 255;
      }
      EXPECT_NEAR(sum, 1, rounding) << t;
    }
  }
}

// Nothing is given to keys that are not met, and the meetings say the same.
TEST_F(AttentionPartTest, OneRoundGivesToTheKeysThatItMeets) {
  std::array<int, 3> counts = {};
  for (int64_t sequence = 0; sequence < 8; ++sequence) {
    const ordered_json part = attention_part(run_, {sequence, 0, sequence % 2});
    const int64_t distance = part["answer_distance"];
    const int64_t begin = part["scored"][0], end = part["scored"][1];
    for (size_t r = 0; r < 2; ++r) {
      const std::vector<uint8_t> bytes = unpacked(part["lsh_of_round"][r]);
      const std::vector<int> meetings = part["meeting"][r];
      const std::vector<int> bucket = part["bucket"][r];
      ASSERT_EQ(meetings.size(), static_cast<size_t>(end - begin));
      for (int64_t t = begin; t < end; ++t) {
        const int64_t key = t - distance;
        const int meeting = meetings[static_cast<size_t>(t - begin)];
        EXPECT_EQ(bytes[static_cast<size_t>(t * (t + 1) / 2 + key)] > 0, meeting == 2) << t;
        EXPECT_EQ(bucket[static_cast<size_t>(t)] == bucket[static_cast<size_t>(key)], meeting > 0);
        ++counts.at(static_cast<size_t>(meeting));
      }
      std::vector<int64_t> order = part["order"][r];
      std::ranges::sort(order);
      for (size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], static_cast<int64_t>(i));
    }
  }
  for (const int count : counts) EXPECT_GT(count, 0);
}

TEST_F(AttentionPartTest, AReportHasEveryHeadAndNoOtherIsThere) {
  for (const PictureChoice& choice :
       {PictureChoice{0, 1, 0}, {0, 0, 2}, {0, -1, 0}, {8, 0, 0}, {-1, 0, 0}}) {
    EXPECT_THROW(attention_part(run_, choice), Error);
  }
  EXPECT_THROW(attention_part({"b", directory_.path() / "b"}, {}), Error);

  // And a report has every head.
  std::filesystem::create_directories(directory_.path() / "b");
  Report report = make_report({directory_.path()}, CurveEncoding::packed);
  add_attention(report, {run_, {"b", directory_.path() / "b"}}, {0});
  ASSERT_EQ(report.document["attention"].size(), 2u);
  EXPECT_EQ(report.document["attention"][1]["head"], 1);
  ASSERT_EQ(report.document["problems"].size(), 1u);
  EXPECT_THAT(report.document.dump(), testing::Not(HasSubstr(directory_.path().string())));
}

TEST_F(AttentionPartTest, AReportHasTheSequencesThatAreAskedFor) {
  Report report = make_report({directory_.path()}, CurveEncoding::packed);
  add_attention(report, {run_}, {2, 8, 0});
  std::vector<int64_t> sequences;
  for (const ordered_json& part : report.document["attention"]) {
    sequences.push_back(part["sequence"]);
    EXPECT_EQ(part, attention_part(run_, {part["sequence"], part["layer"], part["head"]}));
  }
  EXPECT_EQ(sequences, (std::vector<int64_t>{2, 2, 0, 0}));
  ASSERT_EQ(report.document["problems"].size(), 1u) << "there are 8 validation sequences";
  EXPECT_EQ(report.document["problems"][0]["name"], "a, sequence 8");
}

// One of 1,024 tokens takes most of the room. What does not fit is a problem, and what comes after
// it may fit.
TEST_F(AttentionPartTest, PicturesStayWithinTheSizeOfAReport) {
  RunConfig config = small_training();
  config.model.length = kLongestPicture;
  config.model.buckets = 16;
  config.model.chunk_length = 64;
  config.train.steps = 1;
  Watcher watcher;
  begin(config, directory_.path() / "long")->train(watcher);
  Report report = make_report({directory_.path()}, CurveEncoding::packed);
  const ReportSource large{"long", directory_.path() / "long"};
  add_attention(report, {large, run_}, {0});
  EXPECT_LT(report_html(report.document).size(), 2'000'000u);
  std::vector<std::string> drawn;
  for (const ordered_json& part : report.document["attention"]) drawn.push_back(part["run"]);
  EXPECT_THAT(drawn, testing::IsSupersetOf({"long", "a"}));
  ASSERT_EQ(report.document["problems"].size(), 1u);
  const ordered_json& problem = report.document["problems"][0];
  EXPECT_EQ(problem["name"], "long, layer 0, head 1");
  EXPECT_THAT(problem["message"].dump(), HasSubstr("that fit into the page"));
}

}  // namespace
}  // namespace reformer::test
