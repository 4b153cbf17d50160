// One model evaluated under many attentions.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/model/attention_choice.h"
#include "reformer/train/evaluation.h"
#include "reformer/train/run_config.h"

namespace reformer {

// One number of a table.
struct Cell {
  std::string trained;    // attention in training: "lsh-4"
  std::string evaluated;  // attention in this evaluation
  std::string semantics;  // what it means here: a preset, or "consistent, full_own=allowed"
  BatchLoss loss;
  int64_t sequences = 0;
  int64_t seed = 0;  // of training
  uint64_t rotation_seed = 0;
};

// {"trained", "evaluated", "semantics", "accuracy" (0 to 1), "loss", "sequences", "scored",
//  "lost_pairs", "seed", "rotation_seed"}
nlohmann::ordered_json to_json(const Cell& cell);

// Reads what that writes; what it does not write is as in a new Cell. Throws Error for a column
// that is missing or unknown, and a value that no evaluation has; `where` names the row.
void from_json(const nlohmann::json& row, Cell& cell, std::string_view where);

// The one of a table's cells that is named so. Throws std::logic_error when there is none.
template <class AnyCell>
const AnyCell& find_cell(const std::vector<AnyCell>& cells, std::string_view trained,
                         std::string_view evaluated, std::string_view semantics) {
  for (const AnyCell& cell : cells) {
    if (cell.trained == trained && cell.evaluated == evaluated && cell.semantics == semantics) {
      return cell;
    }
  }
  throw std::logic_error(fmt::format("no cell {} -> {} under {}", trained, evaluated, semantics));
}

// A meaning under which to evaluate, and its name.
struct NamedSemantics {
  std::string name;
  AttentionSemantics semantics;
};

// The preset of that name.
NamedSemantics named_preset(std::string_view name);

// The preset `base` with settings changed: {"full_own=allowed"} gives "consistent,
// full_own=allowed". Throws Error for a change that is no switch=value of AttentionSemantics.
NamedSemantics changed_preset(std::string_view base, std::span<const std::string> changes);

// What `NamedSemantics::name` says: a preset, then changes, parted by ", ".
NamedSemantics named_semantics(std::string_view name);

// Both parts of such a name: "consistent" and "full_own=allowed" of "consistent, full_own=allowed";
// "paper" and "" of "paper".
std::pair<std::string_view, std::string_view> base_and_changes(std::string_view name);

// The settings of a run that an evaluation may change, in `config`.
std::vector<Setting> evaluation_settings(RunConfig& config);

// Evaluates fixed parameters on the validation examples of `config`.
class CrossEvaluation {
 public:
  // The parameters must outlive this.
  CrossEvaluation(const RunConfig& config, std::span<const float> parameters, ThreadPool& pool);

  Cell evaluate(std::string_view evaluated, const NamedSemantics& semantics,
                uint64_t rotation_seed);

 private:
  RunConfig config_;
  Weights weights_;
  DuplicationTask task_;
  Workers workers_;
};

}  // namespace reformer
