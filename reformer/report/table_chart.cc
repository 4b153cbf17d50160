#include <fmt/format.h>

#include "reformer/base/error.h"
#include "reformer/report/chart.h"
#include "reformer/report/svg.h"

namespace reformer::internal {
namespace {

using nlohmann::ordered_json;

struct HeatMap {
  std::string title, note;
  ordered_json cells;  // [4][5] of {"mean", "lowest", "highest"} or null
};

constexpr double kCellWidth = 82, kCellHeight = 36, kGap = 2;
constexpr double kLabels = 52;  // of the rows
constexpr double kHead = 70;    // above the cells of a map
constexpr double kMargin = 16;

std::string attention_text(const std::string& name) {
  return name.starts_with("lsh") ? "LSH" + name.substr(3) : name;
}

ordered_json published_cells(const ordered_json& rows) {
  ordered_json cells = ordered_json::array();
  for (const ordered_json& row : rows) {
    cells.push_back(ordered_json::array());
    for (const ordered_json& value : row) {
      cells.back().push_back({{"mean", value.get<double>() / 100}});
    }
  }
  return cells;
}

// Those that were measured first.
std::vector<HeatMap> maps_of(const ordered_json& document) {
  std::vector<HeatMap> maps;
  for (const ordered_json& part : document["tables"]) {
    const size_t seeds = part["seeds"].size();
    const ordered_json* own = &part["tables"][0];
    for (const ordered_json& table : part["tables"]) {
      if (table["semantics"] == part["trained_under"]) own = &table;
    }
    maps.push_back({fmt::format("Measured, {}", part["title"].get<std::string>()),
                    seeds == 1 ? "" : "lowest and highest seed below", (*own)["cells"]});
  }
  const ordered_json& published = document["published"];
  maps.push_back({"Paper, Table 2", "Kitaev et al. 2020", published_cells(published["paper"])});
  maps.push_back(
      {"Seed report", "reformer_fastai, 2021", published_cells(published["seed_report"])});
  return maps;
}

std::string percent(const ordered_json& cell, const char* key) {
  return fmt::format("{:.2f}", 100 * cell[key].get<double>());
}

void draw(SvgDrawing& drawing, const HeatMap& map, const ordered_json& published, double left,
          double top) {
  using Anchor = SvgDrawing::Anchor;
  drawing.text(left, top + 16, map.title, Anchor::start, "title");
  drawing.text(left, top + 34, map.note, Anchor::start, "quiet");
  const auto x_of = [&](size_t j) { return left + kLabels + static_cast<double>(j) * kCellWidth; };
  const auto y_of = [&](size_t i) { return top + kHead + static_cast<double>(i) * kCellHeight; };
  const ordered_json& evaluated = published["evaluated"];
  for (size_t j = 0; j < evaluated.size(); ++j) {
    drawing.text(x_of(j) + kCellWidth / 2, top + kHead - 8, attention_text(evaluated[j]),
                 Anchor::middle, "quiet");
  }
  for (size_t i = 0; i < published["trained"].size(); ++i) {
    const double middle = y_of(i) + kCellHeight / 2;
    drawing.text(left, middle + 4, attention_text(published["trained"][i]), Anchor::start, "quiet");
    for (size_t j = 0; j < evaluated.size(); ++j) {
      const ordered_json& cell = map.cells[i][j];
      const double mean = cell.is_null() ? 0 : cell["mean"].get<double>();
      drawing.heat_cell(x_of(j), y_of(i), kCellWidth - kGap, kCellHeight - kGap, mean);
      const double x = x_of(j) + (kCellWidth - kGap) / 2;
      if (cell.is_null()) {
        drawing.text(x, middle + 3, "–", Anchor::middle, "quiet");
        continue;
      }
      const bool spread = cell.contains("lowest");
      drawing.text(x, middle + (spread ? -2 : 3), percent(cell, "mean"), Anchor::middle);
      if (!spread) continue;
      drawing.text(x, middle + 11,
                   fmt::format("{}–{}", percent(cell, "lowest"), percent(cell, "highest")),
                   Anchor::middle, "small");
    }
  }
}

std::string description_of(const std::vector<HeatMap>& maps, const ordered_json& published) {
  std::string out =
      "Accuracy in per cent. Rows: attention in training. Columns: attention in "
      "evaluation.";
  for (const HeatMap& map : maps) {
    out += fmt::format(" {}.", map.title);
    for (size_t i = 0; i < published["trained"].size(); ++i) {
      out += fmt::format(" Trained with {}:", attention_text(published["trained"][i]));
      for (size_t j = 0; j < published["evaluated"].size(); ++j) {
        const ordered_json& cell = map.cells[i][j];
        out += fmt::format("{} {} {}", j == 0 ? "" : ",", attention_text(published["evaluated"][j]),
                           cell.is_null() ? "–" : percent(cell, "mean"));
      }
      out += ".";
    }
  }
  return out;
}

}  // namespace

std::string table_chart(const ordered_json& document) {
  if (document["tables"].empty()) {
    fail("--chart table",
         "expected a table, found none; try the directory that `reformer "
         "experiment table2 --out` wrote");
  }
  const ordered_json& published = document["published"];
  const std::vector<HeatMap> maps = maps_of(document);
  const double map_width =
      kLabels + static_cast<double>(published["evaluated"].size()) * kCellWidth;
  const double map_height = kHead + static_cast<double>(published["trained"].size()) * kCellHeight;
  constexpr size_t kColumns = 2;
  SvgDrawing drawing;
  for (size_t i = 0; i < maps.size(); ++i) {
    const size_t below = i / kColumns;
    const auto column = static_cast<double>(i % kColumns), row = static_cast<double>(below);
    draw(drawing, maps[i], published, kMargin + column * (map_width + 2 * kMargin),
         kMargin + row * (map_height + kMargin));
  }
  const size_t row_count = (maps.size() + kColumns - 1) / kColumns;
  const auto rows = static_cast<double>(row_count);
  const double bottom = kMargin + rows * (map_height + kMargin);
  drawing.text(
      kMargin, bottom + 8,
      "Accuracy in per cent. Rows: attention in training; columns: attention in evaluation.",
      SvgDrawing::Anchor::start, "quiet");
  return drawing.file(2 * map_width + 4 * kMargin, bottom + 22,
                      "Trained with one attention, evaluated with another",
                      description_of(maps, published));
}

}  // namespace reformer::internal
