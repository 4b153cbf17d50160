#include "reformer/report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace reformer::internal {
namespace {

constexpr double kWidth = 460, kHeight = 300, kMargin = 16;  // of a plot in a file
constexpr double kLeft = 64, kTop = 30, kBottom = 40, kRight = 12;

constexpr size_t kMostDots = 20;  // of a line; one with more points is drawn without

// From values to places.
class Scale {
 public:
  Scale(bool log, double from, double to) : log_(log), from_(from), to_(to) {}

  bool shows(double value) const { return std::isfinite(value) && (!log_ || value > 0); }
  void take(double value) {
    if (!shows(value)) return;
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  void finish() {
    if (low_ > high_) low_ = log_ ? 1 : 0, high_ = log_ ? 10 : 1;
    if (low_ == high_) {
      const double half = low_ == 0 ? 1 : std::abs(low_) / 2;
      low_ -= half;
      high_ += half;
    }
  }
  double at(double value) const {
    const auto f = [this](double v) { return log_ ? std::log(v) : v; };
    return from_ + (f(value) - f(low_)) / (f(high_) - f(low_)) * (to_ - from_);
  }
  // At least two, of 1, 2 and 5 times powers of ten.
  std::vector<double> ticks() const {
    if (log_) {
      for (const auto& multiples : {std::vector{1.0}, std::vector{1.0, 2.0, 5.0}}) {
        std::vector<double> out;
        const auto last = static_cast<int>(std::floor(std::log10(high_)));
        for (auto e = static_cast<int>(std::floor(std::log10(low_))); e <= last; ++e) {
          for (const double m : multiples) out.push_back(m * std::pow(10, e));
        }
        std::erase_if(out, [this](double tick) { return tick < low_ || tick > high_; });
        if (out.size() > 2) return out;
      }
    }
    const double rough = (high_ - low_) / 5;
    const double unit = std::pow(10, std::floor(std::log10(rough)));
    double step = 10 * unit;
    for (const double m : {5.0, 2.0, 1.0}) {
      if (m * unit >= rough) step = m * unit;
    }
    std::vector<double> out;
    const double first = std::ceil(low_ / step);
    const auto count = static_cast<int>(std::floor(high_ / step + 1e-9) - first) + 1;
    for (int i = 0; i < count; ++i) out.push_back((first + i) * step);
    return out;
  }

 private:
  bool log_;
  double from_, to_;
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
};

std::string tick_text(double value) {
  const double size = std::abs(value);
  if (size >= 1e6) return fmt::format("{:g}M", value / 1e6);
  if (size >= 1e4) return fmt::format("{:g}k", value / 1e3);
  return fmt::format("{:g}", size < 1e-12 ? 0 : value);
}

// 2048 -> "2k".
std::string length_text(double tokens) {
  const double k = tokens / 1024;
  return k >= 1 && k == std::floor(k) ? fmt::format("{:.0f}k", k) : fmt::format("{:g}", tokens);
}

// Every x that a line has.
std::vector<double> points_of(const Plot& plot) {
  std::set<double> points;
  for (const PlotLine& line : plot.lines) points.insert(line.x.begin(), line.x.end());
  points.insert(plot.also_x.begin(), plot.also_x.end());
  return {points.begin(), points.end()};
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

// "M1,2L3,4", with a new start after each gap.
std::string path_of(const std::vector<double>& xs, const std::vector<double>& ys, const Scale& x,
                    const Scale& y) {
  std::string out;
  char pen = 'M';
  for (size_t i = 0; i < xs.size(); ++i) {
    if (!x.shows(xs[i]) || !y.shows(ys[i])) {
      pen = 'M';
      continue;
    }
    out += fmt::format("{}{:.1f},{:.1f}", pen, x.at(xs[i]), y.at(ys[i]));
    pen = 'L';
  }
  return out;
}

std::string band_of(const PlotLine& line, const Scale& x, const Scale& y) {
  std::vector<size_t> drawn;
  for (size_t i = 0; i < line.x.size(); ++i) {
    if (x.shows(line.x[i]) && y.shows(line.low[i]) && y.shows(line.high[i])) drawn.push_back(i);
  }
  if (drawn.empty()) return "";
  std::string out;
  const auto add = [&](size_t i, double value) {
    out += fmt::format("{}{:.1f},{:.1f}", out.empty() ? 'M' : 'L', x.at(line.x[i]), y.at(value));
  };
  for (const size_t i : drawn) add(i, line.high[i]);
  std::ranges::reverse(drawn);
  for (const size_t i : drawn) add(i, line.low[i]);
  return out + "Z";
}

}  // namespace

void draw_plot(SvgDrawing& drawing, const Plot& plot, double left, double top, double width,
               double height) {
  using Anchor = SvgDrawing::Anchor;
  const double right = left + width - kRight, bottom = top + height - kBottom;
  Scale x(plot.log_x, left + kLeft, right), y(plot.log_y, bottom, top + kTop);
  for (const PlotLine& line : plot.lines) {
    for (const double value : line.x) x.take(value);
    for (const auto* values : {&line.y, &line.low, &line.high}) {
      for (const double value : *values) y.take(value);
    }
  }
  for (const double value : plot.also_x) x.take(value);
  x.finish();
  y.finish();
  drawing.text(left, top + 16, plot.title, Anchor::start, "title");
  for (const double tick : y.ticks()) {
    drawing.line(left + kLeft, y.at(tick), right, y.at(tick));
    drawing.text(left + kLeft - 6, y.at(tick) + 4, tick_text(tick), Anchor::end, "quiet");
  }
  for (const double tick : plot.lengths ? points_of(plot) : x.ticks()) {
    drawing.text(x.at(tick), bottom + 16, plot.lengths ? length_text(tick) : tick_text(tick),
                 Anchor::middle, "quiet");
  }
  drawing.text(right, bottom + 32, plot.x_label, Anchor::end, "quiet");
  for (const PlotLine& line : plot.lines) {
    if (!line.low.empty()) drawing.band(band_of(line, x, y), line.colour);
  }
  for (const PlotLine& line : plot.lines) {
    drawing.path(path_of(line.x, line.y, x, y), line.colour);
    if (line.x.size() > kMostDots) continue;
    for (size_t j = 0; j < line.x.size(); ++j) {
      if (x.shows(line.x[j]) && y.shows(line.y[j])) {
        drawing.dot(x.at(line.x[j]), y.at(line.y[j]), line.colour);
      }
    }
  }
}

double draw_legend(SvgDrawing& drawing, const std::vector<std::string>& names, double left,
                   double top) {
  constexpr double kRow = 20;
  for (size_t i = 0; i < names.size(); ++i) {
    const double y = top + kRow * static_cast<double>(i);
    drawing.path(fmt::format("M{:.1f},{:.1f}h24", left, y - 4), static_cast<int>(i));
    drawing.text(left + 32, y, names[i]);
  }
  return top + kRow * static_cast<double>(names.size());
}

std::string draw_plots(std::vector<Plot> plots, std::string_view title,
                       const std::vector<std::string>& notes) {
  const std::vector<std::string> names = colour_by_name(plots);
  constexpr size_t kColumns = 2;
  SvgDrawing drawing;
  std::string description;
  for (size_t i = 0; i < plots.size(); ++i) {
    const size_t below = i / kColumns;
    draw_plot(drawing, plots[i], kMargin + static_cast<double>(i % kColumns) * (kWidth + kMargin),
              kMargin + static_cast<double>(below) * (kHeight + kMargin), kWidth, kHeight);
    description += (description.empty() ? "" : " ") + describe_plot(plots[i]);
  }
  const size_t row_count = (plots.size() + kColumns - 1) / kColumns;
  const double below = static_cast<double>(row_count) * (kHeight + kMargin) + kMargin + 8;
  double bottom = draw_legend(drawing, names, kMargin + 8, below);
  for (const std::string& note : notes) {
    drawing.text(kMargin + 8, bottom, note, SvgDrawing::Anchor::start, "quiet");
    description += " " + note;
    bottom += 18;
  }
  const auto columns = static_cast<double>(std::min(plots.size(), kColumns));
  return drawing.file(columns * (kWidth + kMargin) + kMargin, bottom, title, description);
}

std::string describe_plot(const Plot& plot) {
  std::string out = fmt::format("{} by {}.", plot.title, plot.x_label);
  for (const PlotLine& line : plot.lines) {
    if (line.x.empty()) continue;
    out += fmt::format(" {}: {:.4g} at {:g}, {:.4g} at {:g}.", line.name, line.y.front(),
                       line.x.front(), line.y.back(), line.x.back());
  }
  return out;
}

}  // namespace reformer::internal
