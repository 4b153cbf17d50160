#include "reformer/experiment/kept_cells.h"

#include <utility>

#include "reformer/base/checksum.h"
#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/base/row_reader.h"
#include "reformer/base/version.h"
#include "reformer/math/target.h"

namespace reformer {
namespace {

std::string line_of(const nlohmann::ordered_json& json) { return json.dump() + "\n"; }

CellOrigin parse_origin(std::string_view line, std::string_view where) {
  const nlohmann::json json = parse_json(line, where);
  RowReader reader(json, where);
  CellOrigin origin;
  reader("version", origin.version);
  reader("commit", origin.commit);
  reader("simd", origin.simd);
  reader("model", origin.model);
  return origin;
}

}  // namespace

CellOrigin origin_of_cells(const RunConfig& config, std::span<const float> parameters) {
  const std::string settings = to_json(config).dump();
  const std::string_view weights(reinterpret_cast<const char*>(parameters.data()),
                                 parameters.size_bytes());
  return {version(), commit(), active_target(), xxh3_digits({settings, weights})};
}

std::string cell_file_text(const CellOrigin& origin, std::span<const Cell> cells) {
  std::string text = line_of({{"version", origin.version},
                              {"commit", origin.commit},
                              {"simd", origin.simd},
                              {"model", origin.model}});
  for (const Cell& cell : cells) text += line_of(to_json(cell));
  return text;
}

CellFile parse_cell_file(std::string_view text, const CellOrigin& origin, std::string_view where) {
  CellFile file;
  for (int64_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return file;  // cut
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const std::string place = fmt::format("{}: line {}", where, number);
    if (number > 1) {
      from_json(parse_json(line, place), file.cells.emplace_back(), place);
    } else if (parse_origin(line, place) != origin) {
      return file;
    }
  }
  file.whole = true;
  return file;
}

KeptCells::KeptCells(std::filesystem::path file, CellOrigin origin)
    : file_(std::move(file)), origin_(std::move(origin)) {
  ensure_writable_directory(file_.parent_path());
  remove_left_overs(file_.parent_path());
  if (std::error_code ignored; !std::filesystem::exists(file_, ignored)) return;
  const std::string text = read_file(file_);
  try {
    CellFile kept = parse_cell_file(text, origin_, file_.string());
    cells_ = std::move(kept.cells);
    whole_ = kept.whole && !text.empty();
  } catch (const Error& error) {
    throw Error(fmt::format("{}; try again without this file", error.what()));
  }
}

void KeptCells::add(const Cell& cell) {
  cells_.push_back(cell);
  if (whole_) {
    append_to_file(file_, line_of(to_json(cell)));
  } else {
    write_file_atomically(file_, cell_file_text(origin_, cells_));
    whole_ = true;
  }
}

}  // namespace reformer
