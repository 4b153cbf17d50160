// Training curves.
#include <algorithm>
#include <limits>
#include <utility>

#include "reformer/base/error.h"
#include "reformer/report/chart.h"
#include "reformer/report/plot.h"

namespace reformer::internal {
namespace {

using nlohmann::ordered_json;

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
  return draw_plots(std::move(plots), "Loss and accuracy in training", {});
}

}  // namespace reformer::internal
