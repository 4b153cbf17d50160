// Time of a step and its memory by the length of sequences, beside published times.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "reformer/base/error.h"
#include "reformer/report/chart.h"
#include "reformer/report/plot.h"

namespace reformer::internal {
namespace {

using nlohmann::ordered_json;

constexpr double kMebibyte = 1 << 20;

// Lines by name, each by its x.
using Series = std::map<std::string, std::map<double, double>>;

Plot plot_of(std::string title, const Series& series) {
  Plot plot{std::move(title), "tokens of a sequence, 1k = 1,024", true, true, true, {}};
  for (const auto& [name, points] : series) {
    PlotLine line;
    line.name = name;
    for (const auto& [x, y] : points) {
      line.x.push_back(x);
      line.y.push_back(y);
    }
    plot.lines.push_back(std::move(line));
  }
  return plot;
}

// "lsh-4", with what else tells it from other lines of the chart.
std::string name_of(const ordered_json& row, const ordered_json& speed, bool several) {
  auto name = row["attention"].get<std::string>();
  if (row["precision"] != "fp32") name += ", " + row["precision"].get<std::string>();
  if (several) name += fmt::format(" ({})", speed["name"].get<std::string>());
  return name;
}

// Steps of one file that have as many tokens, however these are cut into sequences.
struct Course {
  const ordered_json* speed;
  int64_t tokens;
  std::vector<const ordered_json*> rows;
  std::set<int64_t> lengths;
};

// Those with most lengths: steps of one length are no course by length, and are left out beside
// such.
std::vector<Course> courses_of(const ordered_json& speeds, const char* what) {
  std::vector<Course> courses;
  size_t most = 0;
  for (const ordered_json& speed : speeds) {
    std::map<int64_t, Course> by_tokens;
    for (const ordered_json& row : speed[what]) {
      const auto length = row["tokens"].get<int64_t>();
      const int64_t tokens = length * row["batch"].get<int64_t>();
      Course& course = by_tokens.try_emplace(tokens, Course{&speed, tokens, {}, {}}).first->second;
      course.rows.push_back(&row);
      course.lengths.insert(length);
      most = std::max(most, course.lengths.size());
    }
    for (auto& [_, course] : by_tokens) courses.push_back(std::move(course));
  }
  std::erase_if(courses, [most](const Course& course) { return course.lengths.size() < most; });
  return courses;
}

struct Steps {
  Series seconds, mebibytes;
};

// By tokens of a step.
std::map<int64_t, Steps> steps_of(const ordered_json& speeds, const char* what) {
  const std::vector<Course> courses = courses_of(speeds, what);
  const bool several = std::ranges::any_of(
      courses, [&](const Course& course) { return course.speed != courses.front().speed; });
  std::map<int64_t, Steps> steps;
  for (const Course& course : courses) {
    for (const ordered_json* row : course.rows) {
      const auto length = (*row)["tokens"].get<double>();
      const std::string name = name_of(*row, *course.speed, several);
      steps[course.tokens].seconds[name][length] = (*row)["seconds"].get<double>();
      if (!row->contains("peak_bytes")) continue;
      steps[course.tokens].mebibytes[name][length] = (*row)["peak_bytes"].get<double>() / kMebibyte;
    }
  }
  return steps;
}

// 32768 -> "32,768"
std::string grouped(int64_t value) {
  std::string text = fmt::format("{}", value);
  for (auto at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<size_t>(at), ",");
  }
  return text;
}

void add_steps(std::vector<Plot>& plots, const ordered_json& speeds, const char* what,
               std::string_view name) {
  for (const auto& [tokens, steps] : steps_of(speeds, what)) {
    plots.push_back(
        plot_of(fmt::format("{} of {} tokens, seconds", name, grouped(tokens)), steps.seconds));
    if (steps.mebibytes.empty()) continue;
    plots.push_back(plot_of(fmt::format("{} of {} tokens, peak memory, MiB", name, grouped(tokens)),
                            steps.mebibytes));
  }
}

void add_attention(std::vector<Plot>& plots, const ordered_json& speeds) {
  Series series;
  for (const ordered_json& speed : speeds) {
    for (const ordered_json& row : speed["attention"]) {
      series[name_of(row, speed, speeds.size() > 1)][row["tokens"].get<double>()] =
          row["tokens_per_second"].get<double>();
    }
  }
  if (!series.empty()) plots.push_back(plot_of("Attention alone, tokens per second", series));
}

Plot published(const ordered_json& times, std::string title) {
  Series series;
  for (const ordered_json& time : times) {
    series[time["attention"].get<std::string>()][time["tokens"].get<double>()] =
        time["seconds"].get<double>();
  }
  Plot plot = plot_of(std::move(title), series);
  for (int64_t tokens = 1024; tokens <= 32768; tokens *= 2) {
    plot.also_x.push_back(static_cast<double>(tokens));
  }
  return plot;
}

}  // namespace

std::string speed_chart(const ordered_json& document) {
  const ordered_json& speeds = document["speeds"];
  std::vector<Plot> plots;
  add_steps(plots, speeds, "train_step", "Training step");
  add_steps(plots, speeds, "evaluate", "Evaluation");
  const bool steps = !plots.empty();
  add_attention(plots, speeds);
  if (plots.empty()) {
    fail("--chart speed",
         "expected measurements, found none; try a file that `reformer bench --json` wrote");
  }
  std::vector<std::string> notes;
  if (steps) {
    const ordered_json& known = document["published"];
    plots.push_back(published(known["paper_times"], "Published: paper, Figure 5, seconds"));
    plots.push_back(published(known["seed_report_times"], "Published: seed report, seconds"));
    notes = {
        fmt::format("Published: an evaluation step of {} tokens on the authors' accelerators. "
                    "Paper: read off its plot, LSH at both ends.",
                    grouped(known["step_tokens"].get<int64_t>())),
        "Seed report: at 1,024 tokens; it draws LSH as flat to 32,768, and full attention was out "
        "of memory past 8,192."};
  }
  return draw_plots(std::move(plots), "Speed by length of the sequence", notes);
}

}  // namespace reformer::internal
