// Drawings as text: SVG that follows the reader's light or dark theme and says what it shows.
#pragma once

#include <string>
#include <string_view>

namespace reformer {

// Text as SVG shows it: markup escaped, control characters left out.
std::string svg_text(std::string_view text);

// A drawing in the making, in units of about a pixel. Text may come from outside.
class SvgDrawing {
 public:
  // Where a text's point is.
  enum class Anchor { start, middle, end };

  // style: "" or names of classes: quiet, title, small, strong.
  void text(double x, double y, std::string_view text, Anchor anchor = Anchor::start,
            std::string_view style = "");
  void line(double x1, double y1, double x2, double y2, std::string_view style = "grid");
  // Filled with the ground colour of its style, over which `heat` of 0 to 1 of the heat lies.
  void heat_cell(double x, double y, double width, double height, double heat);
  // path: as of the attribute `d`. colour: 0, 1, ..., which themes and readers tell apart.
  void path(std::string_view path, int colour);
  void dot(double x, double y, int colour);
  void band(std::string_view path, int colour);

  // The whole file. title: shown by browsers as a name; description: all that the drawing says, for
  // those who do not see it.
  std::string file(double width, double height, std::string_view title,
                   std::string_view description) const;

 private:
  std::string body_;
};

}  // namespace reformer
