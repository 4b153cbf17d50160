// Lines over two axes, in a drawing.
#pragma once

#include <string>
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
  bool ticks_at_points = false;       // of the x axis: where there are few and uneven ones
  std::vector<PlotLine> lines;
};

// In the rectangle from (left, top).
void draw_plot(SvgDrawing& drawing, const Plot& plot, double left, double top, double width,
               double height);

// Names beside the colours 0, 1, ..., in rows from (left, top) downwards. Returns the y below.
double draw_legend(SvgDrawing& drawing, const std::vector<std::string>& names, double left,
                   double top);

// For those who see no drawing: of each line its first and last value.
std::string describe_plot(const Plot& plot);

}  // namespace reformer::internal
