#include "reformer/serve/live_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/run_export.h"
#include "tests/serve/growing_run.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

struct Message {
  std::string id, event;
  json data;
};

Message parsed(const std::string& text) {
  const size_t event = text.find("\nevent: "), data = text.find("\ndata: ");
  return {text.substr(4, event - 4), text.substr(event + 8, data - event - 8),
          json::parse(text.substr(data + 7))};
}

class LiveReportTest : public testing::Test {
 protected:
  // All that happens until the next search for runs is over.
  std::vector<Message> news() {
    std::vector<Message> all;
    for (int i = 0; i < 6; ++i) {
      for (const SharedText& text : live_->look()) all.push_back(parsed(*text));
    }
    return all;
  }
  static std::vector<std::string> events(const std::vector<Message>& messages) {
    std::vector<std::string> names;
    for (const Message& message : messages) names.push_back(message.event);
    return names;
  }
  json document() {
    for (int i = 0; i < 6; ++i) live_->look();
    return json::parse(*live_->snapshot().json);
  }
  void begin() {
    live_ = std::make_unique<LiveReport>(std::vector<fs::path>{directory_.path()}, "epoch");
  }

  TemporaryDirectory directory_;
  std::unique_ptr<LiveReport> live_;
};

TEST_F(LiveReportTest, EveryRowIsToldOnce) {
  GrowingRun run(directory_.path() / "a");
  begin();
  run.grow(7);
  std::vector<int64_t> steps;
  int64_t number = 0;
  const auto take = [&](const std::vector<Message>& messages) {
    for (const Message& message : messages) {
      EXPECT_EQ(message.id, "epoch-" + std::to_string(++number));
      ASSERT_EQ(message.event, "rows");
      EXPECT_EQ(message.data["name"], "a");
      for (const auto& step : message.data["rows"]["steps"]) steps.push_back(step);
      const auto& losses = message.data["rows"]["curves"]["loss"];
      EXPECT_EQ(losses.size(), message.data["rows"]["steps"].size());
      EXPECT_EQ(losses.back(), 1.0 / static_cast<double>(steps.back()));
      EXPECT_EQ(message.data["step"], steps.back());
    }
  };
  for (int i = 0; i < 10; ++i) {
    take(news());
    run.grow(i);
  }
  take(news());
  ASSERT_EQ(steps.size(), 7u + 45u);
  for (size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i], static_cast<int64_t>(i) + 1);
  EXPECT_TRUE(news().empty());
}

TEST_F(LiveReportTest, ASnapshotIsTheReport) {
  GrowingRun run(directory_.path() / "a");
  begin();
  run.grow(30);
  json shown = document();
  EXPECT_EQ(shown["live"]["since"], "epoch-1");
  EXPECT_EQ(live_->number_of("epoch-1"), 1);
  EXPECT_EQ(live_->number_of("other-1"), std::nullopt);
  EXPECT_EQ(live_->number_of("epoch-1x"), std::nullopt);
  EXPECT_EQ(live_->number_of("epoch--1"), std::nullopt);
  EXPECT_EQ(live_->number_of("epoch-9223372036854775807"), std::nullopt) << "one more is too many";
  shown.erase("live");
  const json expected =
      json::parse(make_report({directory_.path()}, CurveEncoding::packed).document.dump());
  EXPECT_EQ(shown, expected);
  EXPECT_THAT(*live_->snapshot().html, HasSubstr("epoch-1"));
}

TEST_F(LiveReportTest, RunsComeAndGo) {
  begin();
  EXPECT_TRUE(news().empty());
  GrowingRun run(directory_.path() / "a");
  EXPECT_THAT(events(news()), ElementsAre("run", "rest"));  // the task is known now
  fs::remove_all(directory_.path() / "a");
  const auto messages = news();
  EXPECT_EQ(messages.back().event, "rest");
  EXPECT_THAT(events(messages), testing::Contains("gone"));
  EXPECT_THAT(messages.back().data["problems"].dump(), HasSubstr("is deleted"));
  EXPECT_TRUE(document()["runs"].empty());
}

TEST_F(LiveReportTest, ADamagedRunIsAProblemAndTheRestGoesOn) {
  GrowingRun a(directory_.path() / "a");
  GrowingRun b(directory_.path() / "b");
  begin();
  write_file_atomically(a.files().database(), "not a database");
  const auto messages = news();
  EXPECT_THAT(events(messages), ElementsAre("gone", "rest"));
  EXPECT_EQ(messages[1].data["problems"][0]["name"], "a");
  EXPECT_THAT(messages[1].data.dump(), testing::Not(HasSubstr(directory_.path().string())));
  b.grow(3);
  EXPECT_THAT(events(news()), ElementsAre("rows"));
  EXPECT_EQ(document()["runs"].size(), 1u);
}

// A resumed training does some steps again.
TEST_F(LiveReportTest, ARunThatGoesBackIsReplaced) {
  GrowingRun run(directory_.path() / "a");
  run.grow(10);
  begin();
  run.go_back_to(5);
  run.grow(20);
  const auto messages = news();
  ASSERT_THAT(events(messages), ElementsAre("run"));
  EXPECT_EQ(messages[0].data["step"], 25);
  run.grow(1);
  EXPECT_THAT(events(news()), ElementsAre("rows"));
}

TEST_F(LiveReportTest, ManyRowsAreCutAnew) {
  GrowingRun run(directory_.path() / "a");
  begin();
  run.grow(1000);
  EXPECT_THAT(events(news()), ElementsAre("rows"));
  run.grow(1000);
  EXPECT_THAT(events(news()), ElementsAre("run"));
}

TEST_F(LiveReportTest, NewResultsAreTold) {
  begin();
  fs::copy_file(fs::path(REFORMER_SOURCE_DIR) / "results/table2-laptop/table2.json",
                directory_.path() / "table2.json");
  const auto messages = news();
  ASSERT_THAT(events(messages), ElementsAre("rest"));
  EXPECT_EQ(messages[0].data["tables"].size(), 1u);
  EXPECT_EQ(document()["tables"].size(), 1u);
}

TEST_F(LiveReportTest, AnExportedRunComesChangesAndGoes) {
  begin();
  TemporaryDirectory elsewhere;
  GrowingRun run(elsewhere.path());
  const auto export_run = [&] {
    RunReader reader(run.files().database());
    write_file_atomically(directory_.path() / "a.run.json", run_json(run.files(), reader));
  };
  export_run();
  EXPECT_THAT(events(news()), ElementsAre("run", "rest"));
  EXPECT_TRUE(news().empty());
  run.grow(3);
  export_run();
  EXPECT_THAT(events(news()), ElementsAre("run"));
  EXPECT_EQ(document()["runs"][0]["step"], 3);
  fs::remove(directory_.path() / "a.run.json");
  EXPECT_THAT(events(news()), testing::Contains("gone"));
}

TEST_F(LiveReportTest, AMissingDirectoryIsAMistakeAtFirstAndAProblemLater) {
  EXPECT_THROW(LiveReport({directory_.path() / "nowhere"}, "e"), Error);
  fs::create_directory(directory_.path() / "there");
  live_ = std::make_unique<LiveReport>(std::vector<fs::path>{directory_.path() / "there"}, "epoch");
  fs::remove(directory_.path() / "there");
  EXPECT_THAT(events(news()), ElementsAre("rest"));
}

TEST_F(LiveReportTest, ADirectoryThatGoesTakesNoOthersRunsAlong) {
  const GrowingRun stays(directory_.path() / "one/x");
  fs::create_directory(directory_.path() / "two");
  live_ = std::make_unique<LiveReport>(
      std::vector<fs::path>{directory_.path() / "one", directory_.path() / "two"}, "epoch");
  fs::remove(directory_.path() / "two");
  EXPECT_THAT(events(news()), ElementsAre("rest"));
}

}  // namespace
}  // namespace reformer::test
