#include "reformer/report/curve.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "reformer/report/base64.h"

namespace reformer {
namespace {

std::vector<int64_t> steps_to(int64_t last) {
  std::vector<int64_t> steps(static_cast<size_t>(last));
  std::iota(steps.begin(), steps.end(), 1);
  return steps;
}

TEST(Curve, FewPointsStayAsTheyAre) {
  const std::vector<double> values = {5, 3, 4};
  const Curve curve = make_curve(steps_to(3), values, 3);
  EXPECT_TRUE(curve.raw());
  EXPECT_EQ(curve.last, values);
  EXPECT_EQ(curve.mean, values);
  EXPECT_EQ(curve.points, 3);
}

TEST(Curve, EveryBucketHasItsExtremesMeanAndLast) {
  const Curve curve = make_curve(steps_to(7), std::vector<double>{1, 9, 2, 4, 4, 4, -3}, 3);
  EXPECT_EQ(curve.width, 3);
  EXPECT_EQ(curve.last_step, 7);
  EXPECT_EQ(curve.lowest, (std::vector<double>{1, 4, -3}));
  EXPECT_EQ(curve.highest, (std::vector<double>{9, 4, -3}));
  EXPECT_EQ(curve.mean, (std::vector<double>{4, 4, -3}));
  EXPECT_EQ(curve.last, (std::vector<double>{2, 4, -3}));
  EXPECT_FALSE(curve.monotone);
}

// One outlier among 150,000 points must be seen, wherever it lies.
TEST(Curve, NoExtremeIsLost) {
  const std::vector<int64_t> steps = steps_to(150'000);
  for (const size_t at : {0, 1, 77'777, 149'999}) {
    std::vector<double> values(steps.size(), 1.0);
    values[at] = 42;
    const Curve curve = make_curve(steps, values, 1024);
    EXPECT_LE(curve.last.size(), 1024u);
    EXPECT_EQ(*std::ranges::max_element(curve.highest), 42) << at;
    EXPECT_EQ(curve.points, 150'000);
  }
}

TEST(Curve, WhatIsNotFiniteIsLeftOut) {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  const Curve curve = make_curve(steps_to(4), std::vector<double>{nan, nan, infinity, 2}, 2);
  EXPECT_EQ(curve.points, 1);
  EXPECT_TRUE(std::isnan(curve.last[0]));
  EXPECT_EQ(curve.mean[1], 2);
  EXPECT_TRUE(make_curve(steps_to(1), std::vector<double>{nan}, 2).empty());
  EXPECT_TRUE(make_curve({}, {}, 2).empty());
}

TEST(Curve, StepsOfADamagedDatabaseAreSurvived) {
  const std::vector<int64_t> steps = {std::numeric_limits<int64_t>::min(), 0,
                                      std::numeric_limits<int64_t>::max()};
  const Curve curve = make_curve(steps, std::vector<double>{1, 2, 3}, 1024);
  EXPECT_LE(curve.last.size(), 1024u);
  EXPECT_EQ(curve.points, 3);
}

TEST(Curve, AScheduleNeedsNoExtremes) {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(i);
  const Curve curve = make_curve(steps_to(100), values, 10);
  EXPECT_TRUE(curve.monotone);
  EXPECT_EQ(curve.start, 0);
  EXPECT_FALSE(to_json(curve, CurveEncoding::packed)["statistics"].contains("min"));
  values[55] = 0;
  EXPECT_FALSE(make_curve(steps_to(100), values, 10).monotone);
}

TEST(CurveJson, PacksCodesWithinTheirRange) {
  const Curve curve = make_curve(steps_to(4), std::vector<double>{5, 0, 10, 5}, 2);
  const auto json = to_json(curve, CurveEncoding::packed);
  EXPECT_EQ(json["low"], 0);
  EXPECT_EQ(json["high"], 10);
  EXPECT_EQ(json["log"], false);
  // 5 is half of 65534.
  EXPECT_EQ(json["statistics"]["min"], base64(std::vector<uint8_t>{0, 0, 0xff, 0x7f}));
  EXPECT_EQ(json["statistics"]["max"], base64(std::vector<uint8_t>{0xff, 0x7f, 0xfe, 0xff}));
}

TEST(CurveJson, NumbersHaveNullWhereThereIsNone) {
  const Curve curve = make_curve(steps_to(2), std::vector<double>{std::nan(""), 0.25}, 2);
  EXPECT_EQ(to_json(curve, CurveEncoding::numbers)["statistics"].dump(), R"({"last":[null,0.25]})");
}

TEST(CurveJson, FloatsAreLittleEndian) {
  const Curve curve = make_curve(steps_to(1), std::vector<double>{1}, 1);
  EXPECT_EQ(to_json(curve, CurveEncoding::packed)["statistics"]["last"],
            base64(std::vector<uint8_t>{0, 0, 0x80, 0x3f}));
}

// RFC 4648, section 10.
TEST(Base64, OfTheStandardsExamples) {
  const auto of = [](std::string_view text) {
    return base64(std::vector<uint8_t>(text.begin(), text.end()));
  };
  EXPECT_EQ(of(""), "");
  EXPECT_EQ(of("f"), "Zg==");
  EXPECT_EQ(of("fo"), "Zm8=");
  EXPECT_EQ(of("foo"), "Zm9v");
  EXPECT_EQ(of("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace reformer
