#include "reformer/report/chart.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/report/plot.h"
#include "reformer/report/report.h"
#include "reformer/report/svg.h"
#include "tests/report/results.h"
#include "tests/run/small_training.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const fs::path kRoot = REFORMER_SOURCE_DIR;

ordered_json document_of(const std::vector<fs::path>& paths) {
  return make_report(paths, CurveEncoding::numbers).document;
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// The README's picture is what this command writes of the committed results:
// reformer report results/table2-laptop results/table2-laptop-seeds --format svg -o docs/table2.svg
TEST(Chart, TheReadmesPictureIsOfTheResults) {
  const std::string drawn = chart_svg(
      document_of({kResults / "table2-laptop", kResults / "table2-laptop-seeds"}), "table");
  EXPECT_EQ(drawn, read_file(kRoot / "docs/table2.svg"));
}

// docs/performance.md has the command that draws it.
TEST(Chart, ThePictureOfSpeedIsOfTheResults) {
  EXPECT_EQ(chart_svg(document_of({kResults / "bench/by-length.json"}), "speed"),
            read_file(kRoot / "docs/speed.svg"));
}

TEST(Chart, ATableShowsEveryCellBesideThePublishedOnes) {
  const ordered_json document = document_of({kResults / "table2-laptop"});
  const std::string svg = chart_svg(document, "table");
  EXPECT_EQ(count(svg, "class=\"heat\""), 3u * 20);
  for (const ordered_json& row : document["tables"][0]["tables"][0]["cells"]) {
    for (const ordered_json& cell : row) {
      EXPECT_THAT(svg, HasSubstr(fmt::format(">{:.2f}</text>", 100 * cell["mean"].get<double>())));
    }
  }
  EXPECT_THAT(svg,
              HasSubstr("Trained with LSH-4: full 0.80"));  // the paper's, for who sees nothing
}

TEST(Chart, SaysWhatItShowsInBothThemes) {
  const std::string svg = chart_svg(document_of({kResults / "bench"}), "speed");
  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(svg, HasSubstr("role=\"img\" aria-labelledby=\"title desc\""));
  EXPECT_THAT(svg, HasSubstr("<title id=\"title\">Speed by length of the sequence</title>"));
  EXPECT_THAT(svg, HasSubstr("@media (prefers-color-scheme: dark)"));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

class ChartOfRuns : public SmallTrainingTest {};

TEST_F(ChartOfRuns, NamesStayText) {
  Watcher watcher;
  begin(small_training(), directory_.path() / "<script>alert(1)")->train(watcher);
  const std::string svg = chart_svg(document_of({directory_.path()}), "training");
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
  EXPECT_THAT(svg, HasSubstr("&#60;script&#62;alert(1)"));
  EXPECT_EQ(count(svg, "<path d=\"M"), 2u + 1u);  // two lines and the legend
}

TEST(Chart, MistakesAreNamed) {
  const ordered_json nothing = empty_document();
  for (const std::string_view name : chart_names()) EXPECT_THROW(chart_svg(nothing, name), Error);
  try {
    chart_svg(nothing, "tabel");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'table'?"));
  }
}

// A document of one file of measurements.
ordered_json measured(const ordered_json& steps, const ordered_json& attention) {
  ordered_json document = empty_document();
  document["speeds"] = {{{"name", "a"},
                         {"train_step", steps},
                         {"evaluate", ordered_json::array()},
                         {"attention", attention}}};
  return document;
}

ordered_json measurement(const char* attention, int64_t tokens, int64_t batch, double seconds) {
  return {
      {"attention", attention},
      {"precision", "fp32"},
      {"tokens", tokens},
      {"batch", batch},
      {"seconds", seconds},
      {"peak_bytes", tokens << 20},
      {"tokens_per_second", static_cast<double>(tokens) * static_cast<double>(batch) / seconds}};
}

TEST(Chart, SpeedIsTimeAndMemoryByLengthBesideThePublishedTimes) {
  const std::string svg = chart_svg(
      measured({measurement("full", 1024, 32, 0.5), measurement("full", 2048, 16, 1),
                measurement("lsh-1", 1024, 32, 0.25), measurement("lsh-1", 2048, 16, 0.25),
                // Of another number of tokens, and of one length: no part of the course.
                measurement("lsh-2", 1024, 8, 7)},
               ordered_json::array()),
      "speed");
  EXPECT_THAT(svg, HasSubstr(">Training step of 32,768 tokens, seconds</text>"));
  EXPECT_THAT(svg, HasSubstr(">Training step of 32,768 tokens, peak memory, MiB</text>"));
  EXPECT_THAT(svg, HasSubstr("full: 0.5 at 1024, 1 at 2048. lsh-1: 0.25 at 1024, 0.25 at 2048."));
  EXPECT_THAT(svg, HasSubstr("full: 1024 at 1024, 2048 at 2048."));  // mebibytes
  EXPECT_THAT(svg, Not(HasSubstr(" 7 at 1024")));
  EXPECT_EQ(count(svg, ">1k</text>"), 4u);
  EXPECT_EQ(count(svg, ">32k</text>"), 2u);  // of both published plots, for comparison
  // Published: reference values at the ends.
  EXPECT_THAT(svg, HasSubstr("Figure 5, seconds by tokens of a sequence, 1k = 1,024. full: 0.17 at "
                             "1024, 3.5 at 32768. lsh-1: 0.1 at 1024, 0.075 at 32768."));
  EXPECT_THAT(svg, HasSubstr("lsh-8: 0.348 at 1024"));
  // One colour for full attention: a line in each plot with its dots, and the legend.
  EXPECT_EQ(count(svg, "stroke=\"#0b7fc7\""), 5u) << svg;
}

// Files of one length, of another model perhaps, do not mix with a course by length.
TEST(Chart, SpeedOfOneLengthIsLeftOutBesideACourse) {
  ordered_json document = measured(
      ordered_json::array({measurement("full", 1024, 32, 0.5), measurement("full", 2048, 16, 1)}),
      ordered_json::array());
  document["speeds"].push_back(
      {{"name", "b"},
       {"train_step", ordered_json::array({measurement("lsh-1", 1024, 32, 0.25)})},
       {"evaluate", ordered_json::array()},
       {"attention", ordered_json::array()}});
  const std::string svg = chart_svg(document, "speed");
  EXPECT_THAT(svg, HasSubstr("full: 0.5 at 1024, 1 at 2048."));
  EXPECT_THAT(svg, Not(HasSubstr("0.25 at 1024")));
  EXPECT_THAT(svg, Not(HasSubstr("(a)")));
}

// The rows of `reformer bench` as it writes them.
TEST(Chart, SpeedIsReadFromAFileOfTheBenchmark) {
  const TemporaryDirectory directory;
  const auto row = [](int64_t tokens, int64_t batch) {
    return nlohmann::json{{"attention", "lsh-4"},  {"tokens", tokens},
                          {"batch", batch},        {"precision", "fp32"},
                          {"seconds", 0.5},        {"useful_gflop", 1},
                          {"peak_gflops", 2},      {"fraction_of_peak", 0.625},
                          {"peak_bytes", 1 << 20}, {"tokens_per_second", 65536}};
  };
  auto evaluation = row(1024, 0);
  evaluation.erase("batch");
  evaluation["sequences"] = 32;
  evaluation["peak_bytes"] = nullptr;
  const nlohmann::json file = {{"version", "0"},
                               {"commit", "c"},
                               {"size", "seed"},
                               {"threads", 2},
                               {"peak_gflops", nlohmann::json::object()},
                               {"train_step", {row(1024, 32), row(32768, 1)}},
                               {"attention", nlohmann::json::array()},
                               {"evaluate", {evaluation}}};
  write_file_atomically(directory / "bench.json", file.dump());
  const std::string svg = chart_svg(document_of({directory.path()}), "speed");
  EXPECT_THAT(svg, HasSubstr("lsh-4: 0.5 at 1024, 0.5 at 32768."));
  EXPECT_THAT(svg, HasSubstr("Evaluation of 32,768 tokens, seconds by"));
  EXPECT_EQ(count(svg, "peak memory, MiB</text>"), 1u);  // none where none was measured
}

TEST(Chart, PlotsWithOtherLinesShareALegendOfAll) {
  const std::string svg =
      chart_svg(measured(ordered_json::array({measurement("full", 1024, 1, 1)}),
                         ordered_json::array({measurement("lsh-16", 1024, 1, 1)})),
                "speed");
  EXPECT_THAT(svg, AllOf(HasSubstr(">full</text>"), HasSubstr(">lsh-16</text>")));
  // The second in one plot, as a line and a dot, and in the legend.
  EXPECT_EQ(count(svg, "=\"#d55e00\""), 3u) << svg;
}

TEST(Svg, MarkupAndControlCharactersAreText) {
  EXPECT_EQ(svg_text("a<b & \"c\"\x1b[0m"), "a&#60;b &#38; &#34;c&#34;[0m");
}

std::string drawn(const internal::Plot& plot) {
  SvgDrawing drawing;
  internal::draw_plot(drawing, plot, 0, 0, 400, 300);
  return drawing.file(400, 300, "t", "d");
}

TEST(Plot, ScalesLinesIntoTheirFrame) {
  internal::Plot plot;
  plot.lines = {{"a", {0, 10}, {1, 3}, {}, {}}};
  // From the left bottom to the right top of what the labels leave.
  EXPECT_THAT(drawn(plot), HasSubstr("<path d=\"M64.0,260.0L388.0,30.0\""));
  plot.lines[0].y[0] = -1;
  plot.log_y = true;  // no place for what is not positive
  EXPECT_THAT(drawn(plot), HasSubstr("<path d=\"M388.0,"));
}

TEST(Plot, GapsAreNotDrawnOver) {
  internal::Plot plot;
  plot.lines = {{"a", {0, 1, 2, 3}, {0, 1, std::nan(""), 3}, {}, {}}};
  EXPECT_EQ(count(drawn(plot), "<path d=\"M64.0,260.0L172.0,183.3M388.0,30.0\""), 1u);
}

}  // namespace
}  // namespace reformer::test
