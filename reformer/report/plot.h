// Lines over two axes, in a drawing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reformer/report/svg.h"

namespace reformer::internal {

struct PlotLine {
  std::string name;
  std::vector<double> x, y;       // NaN: a gap
  std::vector<double> low, high;  // a band about it; empty: none
  int colour = 0;
};

struct Plot {
  std::string title, x_label;
  bool log_x = false, log_y = false;  // then only positive values are drawn
  bool lengths = false;  // x is tokens of a sequence: ticks where lines have points, "2k" for 2048
  std::vector<PlotLine> lines;
  std::vector<double> also_x = {};  // that the x axis shows, whether or not lines reach there
};

// In the rectangle from (left, top).
void draw_plot(SvgDrawing& drawing, const Plot& plot, double left, double top, double width,
               double height);

// Names beside the colours 0, 1, ..., in rows from (left, top) downwards. Returns the y below.
double draw_legend(SvgDrawing& drawing, const std::vector<std::string>& names, double left,
                   double top);

// A file of plots in rows of two, with one legend for all and `notes` below it. Lines of one name
// have one colour in every plot.
std::string draw_plots(std::vector<Plot> plots, std::string_view title,
                       const std::vector<std::string>& notes);

// For those who see no drawing: of each line its first and last value.
std::string describe_plot(const Plot& plot);

}  // namespace reformer::internal
