#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/mistake.h"

namespace reformer::test {
namespace {

using testing::HasSubstr;

class ReportCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run_program(train_arguments("runs/a"), directory_.path()).exit_code, 0);
  }
  Outcome report(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "report");
    return run_program(arguments, directory_.path());
  }
  TemporaryDirectory directory_;
};

TEST_F(ReportCommandTest, WritesAPage) {
  const Outcome outcome = report({"runs", "-o", "page.html"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, HasSubstr("wrote page.html"));
  const std::string page = read_text(directory_.path() / "page.html");
  EXPECT_THAT(page, testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(page, HasSubstr("\"format\":\"reformer report\""));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST_F(ReportCommandTest, PrintsMarkdownAndJson) {
  EXPECT_THAT(report({"runs", "--format", "markdown"}).out, HasSubstr("| a | "));
  const auto json = nlohmann::json::parse(report({"runs", "--format", "json"}).out);
  EXPECT_EQ(json["runs"][0]["name"], "a");
}

TEST_F(ReportCommandTest, DrawsCharts) {
  const Outcome outcome = report({"runs", "--format", "svg", "--chart", "training", "-o", "a.svg"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(read_text(directory_.path() / "a.svg"), testing::StartsWith("<svg "));
  expect_mistake(report({"runs", "--format", "svg"}), {"[--chart table]", "found none"});
  expect_mistake(report({"runs", "--format", "svg", "--attention"}), {"[--attention]", "svg"});
  expect_mistake(report({"runs", "--chart", "table"}), {"[--chart]", "--format svg"});
}

TEST_F(ReportCommandTest, DrawsAttentionOfTheSequencesThatAreAskedFor) {
  const auto json = nlohmann::json::parse(
      report({"runs", "--attention", "--sequences", "3,1", "--format", "json"}).out);
  ASSERT_FALSE(json["attention"].empty());
  EXPECT_EQ(json["attention"].front()["sequence"], 3);
  EXPECT_EQ(json["attention"].back()["sequence"], 1);
  expect_mistake(report({"runs", "--sequences", "1"}), {"[--sequences]", "--attention beside it"});
  expect_mistake(report({"runs", "--attention", "--sequences", "1,-1"}),
                 {"[--sequences]", "integers from 0", "\"-1\""});
  expect_mistake(report({"runs", "--attention", "--sequences", ""}),
                 {"[--sequences]", "found nothing"});
}

TEST_F(ReportCommandTest, SaysWhatItLeftOut) {
  write_text(directory_.path() / "runs/b.json", "{");
  const Outcome outcome = report({"runs"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("left out \"b.json\""));
}

TEST_F(ReportCommandTest, Mistakes) {
  expect_mistake(report({"runs", "--format", "htm"}), {"[--format]", "did you mean 'html'?"});
  expect_mistake(report({"nowhere"}), {"nowhere", "directory of runs"});
  std::filesystem::create_directory(directory_.path() / "empty");
  expect_mistake(report({"empty"}), {"[reformer report]", "found none"});
  expect_mistake(report({"runs", "-o", "nowhere/page.html"}), {"nowhere"});
}

}  // namespace
}  // namespace reformer::test
