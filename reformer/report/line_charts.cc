// Training curves and speed by length.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "reformer/base/error.h"
#include "reformer/report/chart.h"
#include "reformer/report/plot.h"

namespace reformer::internal {
namespace {

using nlohmann::ordered_json;

constexpr double kWidth = 460, kHeight = 300, kMargin = 16;
constexpr size_t kMostLines = 30;

std::vector<double> numbers_of(const ordered_json& values) {
  std::vector<double> out;
  for (const ordered_json& value : values) {
    out.push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
  }
  return out;
}

PlotLine line_of(const ordered_json& run, const char* metric) {
  PlotLine line;
  line.name = run["name"].get<std::string>();
  if (!run["curves"].contains(metric)) return line;
  const ordered_json& curve = run["curves"][metric];
  const ordered_json& statistics = curve["statistics"];
  const bool cut = statistics.contains("mean");
  line.y = numbers_of(statistics[cut ? "mean" : "last"]);
  if (cut) {
    line.low = numbers_of(statistics["min"]);
    line.high = numbers_of(statistics["max"]);
  }
  const auto first = curve["first"].get<double>(), last = curve["last"].get<double>();
  const auto width = curve["width"].get<double>();
  for (size_t i = 0; i < line.y.size(); ++i) {
    line.x.push_back(std::min(first - 1 + static_cast<double>(i + 1) * width, last));
  }
  return line;
}

// The names of all lines. A line of the same name has the same colour in every plot.
std::vector<std::string> colour_by_name(std::vector<Plot>& plots) {
  std::vector<std::string> names;
  for (Plot& plot : plots) {
    for (PlotLine& line : plot.lines) {
      const auto known = std::ranges::find(names, line.name);
      line.colour = static_cast<int>(known - names.begin());
      if (known == names.end()) names.push_back(line.name);
    }
  }
  return names;
}

// Two plots side by side, and one legend for both.
std::string side_by_side(std::vector<Plot> plots, std::string_view title) {
  const std::vector<std::string> names = colour_by_name(plots);
  SvgDrawing drawing;
  std::string description;
  for (size_t i = 0; i < plots.size(); ++i) {
    draw_plot(drawing, plots[i], kMargin + static_cast<double>(i) * (kWidth + kMargin), kMargin,
              kWidth, kHeight);
    description += (description.empty() ? "" : " ") + describe_plot(plots[i]);
  }
  const double bottom = draw_legend(drawing, names, kMargin + 8, kHeight + 2 * kMargin + 8);
  return drawing.file(static_cast<double>(plots.size()) * (kWidth + kMargin) + kMargin, bottom,
                      title, description);
}

}  // namespace

std::string training_chart(const ordered_json& document) {
  const ordered_json& runs = document["runs"];
  if (runs.empty() || runs.size() > kMostLines) {
    fail("--chart training", "expected 1 to {} runs, found {}; try the directories of some",
         kMostLines, runs.size());
  }
  std::vector<Plot> plots = {{"Loss", "step", false, true, false, {}},
                             {"Accuracy", "step", false, false, false, {}}};
  for (const ordered_json& run : runs) {
    plots[0].lines.push_back(line_of(run, "loss"));
    plots[1].lines.push_back(line_of(run, "accuracy"));
  }
  return side_by_side(std::move(plots), "Loss and accuracy in training");
}

std::string speed_chart(const ordered_json& document) {
  std::vector<Plot> plots;
  for (const auto& [key, title] : {std::pair{"train_step", "Training, tokens per second"},
                                   {"attention", "Attention alone, tokens per second"}}) {
    std::map<std::string, std::vector<std::pair<double, double>>> series;
    for (const ordered_json& speed : document["speeds"]) {
      for (const ordered_json& row : speed[key]) {
        std::string name = row["attention"].get<std::string>();
        if (row["precision"] != "fp32") name += ", " + row["precision"].get<std::string>();
        if (document["speeds"].size() > 1)
          name += fmt::format(" ({})", speed["name"].get<std::string>());
        series[name].emplace_back(row["tokens"].get<double>(),
                                  row["tokens_per_second"].get<double>());
      }
    }
    Plot plot{title, "tokens of a sequence", true, true, true, {}};
    for (auto& [name, points] : series) {
      std::ranges::sort(points);
      PlotLine line;
      line.name = name;
      for (const auto& [tokens, rate] : points) {
        line.x.push_back(tokens);
        line.y.push_back(rate);
      }
      plot.lines.push_back(std::move(line));
    }
    if (!plot.lines.empty()) plots.push_back(std::move(plot));
  }
  if (plots.empty()) {
    fail("--chart speed",
         "expected measurements, found none; try a file that `reformer bench "
         "--json` wrote");
  }
  return side_by_side(std::move(plots), "Speed by length of the sequence");
}

}  // namespace reformer::internal
