// The evaluations of one model, kept on disk as they are made, so that a study which was stopped
// goes on with those that are missing.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/experiment/cross_evaluation.h"
#include "reformer/train/run_config.h"

namespace reformer {

// What decides, with a cell's own columns, the bits of an evaluation. Of a program that was built
// from changed sources, `commit` says no more than that they were.
struct CellOrigin {
  std::string version, commit;  // of the program
  std::string simd;             // instruction set: sums are in its order
  std::string model;            // XXH3-64 of configuration and weights, 16 hexadecimal digits

  bool operator==(const CellOrigin&) const = default;
};

// Of evaluations that this program makes here of a model with these parameters, on the examples of
// its configuration.
CellOrigin origin_of_cells(const RunConfig& config, std::span<const float> parameters);

class KeptCells {
 public:
  // Creates the file's directory, which nobody else must write to. Takes what the file holds where
  // it is of the same origin; one of another origin is replaced by the first add(). Throws Error
  // where the file cannot be read or is damaged.
  KeptCells(std::filesystem::path file, CellOrigin origin);

  const std::vector<Cell>& cells() const { return cells_; }

  // On disk when this returns. Throws Error when that fails.
  void add(const Cell& cell);

 private:
  std::filesystem::path file_;
  CellOrigin origin_;
  std::vector<Cell> cells_;
  bool whole_ = false;  // the file is there, with these cells and nothing else
};

// Such a file is lines of JSON: {"version", "commit", "simd", "model"}, then each cell as it was
// made.
struct CellFile {
  std::vector<Cell> cells;
  bool whole = false;  // all of it is of that origin, and no line was cut by a crash
};
std::string cell_file_text(const CellOrigin& origin, std::span<const Cell> cells);

// No cells where the text is of another origin. Throws Error for anything else that was not written
// by cell_file_text(), whole or cut; `where` names the text.
CellFile parse_cell_file(std::string_view text, const CellOrigin& origin, std::string_view where);

}  // namespace reformer
