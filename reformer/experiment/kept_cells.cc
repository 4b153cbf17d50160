#include "reformer/experiment/kept_cells.h"

#include <xxhash.h>

#include <memory>
#include <utility>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/base/row_reader.h"
#include "reformer/base/version.h"
#include "reformer/math/target.h"

namespace reformer {
namespace {

constexpr const char* kCells = "cells";

}  // namespace

CellOrigin origin_of_cells(const RunConfig& config, std::span<const float> parameters) {
  const std::string settings = to_json(config).dump();
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       &XXH3_freeState);
  REFORMER_CHECK(state != nullptr);
  XXH3_64bits_reset(state.get());
  XXH3_64bits_update(state.get(), settings.data(), settings.size());
  XXH3_64bits_update(state.get(), parameters.data(), parameters.size_bytes());
  return {version(), commit(), active_target(),
          fmt::format("{:016x}", XXH3_64bits_digest(state.get()))};
}

std::string cell_file_text(const CellFile& file) {
  nlohmann::ordered_json json = {{"version", file.origin.version},
                                 {"commit", file.origin.commit},
                                 {"simd", file.origin.simd},
                                 {"model", file.origin.model},
                                 {kCells, nlohmann::ordered_json::array()}};
  for (const Cell& cell : file.cells) json[kCells].push_back(to_json(cell));
  return json.dump(2) + "\n";
}

CellFile parse_cell_file(std::string_view text, std::string_view where) {
  nlohmann::json json = parse_json(text, where);
  nlohmann::json cells;
  if (json.is_object() && json.contains(kCells)) {
    cells = std::move(json[kCells]);
    json.erase(kCells);
  }
  CellFile file;
  RowReader reader(json, where);
  reader("version", file.origin.version);
  reader("commit", file.origin.commit);
  reader("simd", file.origin.simd);
  reader("model", file.origin.model);
  reader.finish();
  if (!cells.is_array()) fail(where, "expected a list in '{}', found {}", kCells, describe(cells));
  for (const nlohmann::json& row : cells) {
    const std::string place =
        fmt::format("{}: row {} of '{}'", where, file.cells.size() + 1, kCells);
    from_json(row, file.cells.emplace_back(), place);
  }
  return file;
}

KeptCells::KeptCells(std::filesystem::path file, CellOrigin origin)
    : file_(std::move(file)), origin_(std::move(origin)) {
  ensure_writable_directory(file_.parent_path());
  remove_left_overs(file_.parent_path());
  if (std::error_code ignored; !std::filesystem::exists(file_, ignored)) return;
  CellFile kept = parse_cell_file(read_file(file_), file_.string());
  if (kept.origin == origin_) cells_ = std::move(kept.cells);
}

void KeptCells::add(const Cell& cell) {
  cells_.push_back(cell);
  write_file_atomically(file_, cell_file_text({origin_, cells_}));
}

}  // namespace reformer
