#include "reformer/report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reformer {
namespace {

// Distinct for any colour vision, and on light and dark ground; then dashes.
constexpr std::array kColours = {"#0b7fc7", "#d55e00", "#009e73", "#c2569b", "#b8860b",
                                 "#5b5bd6", "#3aa6b9", "#8a5a44", "#6a9a1f", "#7f7f7f"};
constexpr std::array kDashes = {"", " stroke-dasharray=\"6 3\"", " stroke-dasharray=\"2 3\""};

constexpr std::string_view kStyle = R"(<style>
svg { color-scheme: light dark; font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; }
.ground { fill: #ffffff; } text { fill: #1b1f24; } .quiet { fill: #57606a; } .small { font-size: 10px; }
.title { font-size: 15px; font-weight: 600; } .strong { font-weight: 600; }
.grid { stroke: #d5dae0; } .cold { fill: #eef1f4; } .heat { fill: #56a8e8; } path { fill: none; stroke-width: 1.8; }
.band { fill-opacity: 0.15; stroke: none; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117; } text { fill: #e4e8ed; } .quiet { fill: #9aa6b2; }
  .grid { stroke: #2d3540; } .cold { fill: #20262e; } .heat { fill: #17588f; }
}
</style>
)";

std::string_view colour_of(int number) {
  return kColours[static_cast<size_t>(number) % kColours.size()];
}

std::string_view dash_of(int number) {
  return kDashes[static_cast<size_t>(number) / kColours.size() % kDashes.size()];
}

}  // namespace

std::string svg_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::string_view("&<>\"'").find(c) != std::string_view::npos) {
      out += fmt::format("&#{};", static_cast<int>(byte));
    } else if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    }
  }
  return out;
}

void SvgDrawing::text(double x, double y, std::string_view text, Anchor anchor,
                      std::string_view style) {
  constexpr std::array kAnchors = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
  body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}{}>{}</text>\n", x, y,
                       kAnchors.at(static_cast<size_t>(anchor)),
                       style.empty() ? "" : fmt::format(" class=\"{}\"", style), svg_text(text));
}

void SvgDrawing::line(double x1, double y1, double x2, double y2, std::string_view style) {
  body_ +=
      fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n",
                  x1, y1, x2, y2, style);
}

void SvgDrawing::heat_cell(double x, double y, double width, double height, double heat) {
  const std::string place = fmt::format(
      "x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"3\"", x, y, width, height);
  body_ +=
      fmt::format("<rect {} class=\"cold\"/><rect {} class=\"heat\" fill-opacity=\"{:.3f}\"/>\n",
                  place, place, std::clamp(heat, 0.0, 1.0));
}

void SvgDrawing::path(std::string_view path, int colour) {
  body_ +=
      fmt::format("<path d=\"{}\" stroke=\"{}\"{}/>\n", path, colour_of(colour), dash_of(colour));
}

void SvgDrawing::dot(double x, double y, int colour) {
  body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x, y,
                       colour_of(colour));
}

void SvgDrawing::band(std::string_view path, int colour) {
  body_ +=
      fmt::format("<path d=\"{}\" class=\"band\" style=\"fill:{}\"/>\n", path, colour_of(colour));
}

std::string SvgDrawing::file(double width, double height, std::string_view title,
                             std::string_view description) const {
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
             "viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"img\" aria-labelledby=\"title desc\">\n"
             "<title id=\"title\">{2}</title>\n<desc id=\"desc\">{3}</desc>\n",
             width, height, svg_text(title), svg_text(description)) +
         std::string(kStyle) + "<rect width=\"100%\" height=\"100%\" class=\"ground\"/>\n" + body_ +
         "</svg>\n";
}

}  // namespace reformer
