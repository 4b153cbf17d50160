// The parts of a report that come from the files of studies and of the benchmark.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace reformer {

// What a JSON file turned out to be, and what of it a page shows.
struct ResultPart {
  enum class Kind { table, discrepancy, speed } kind;
  nlohmann::ordered_json content;
};

// Nothing for JSON that is none of ours. Throws Error for text that is not JSON and for a file of
// ours in which something is missing or out of range.
std::optional<ResultPart> result_part(const std::string& text, const std::string& name);

namespace internal {

// Accuracies from 0 to 1. Each has its "command", which makes such a file again. Each throws
// nlohmann's exceptions or Error where `file` is not as it is written by the command it comes from.

// {"seeds": [...], "provenance": {...}, "trained_under": a meaning, "size", "length", "sequences",
// ... as far as the file says them, "tables": [{"semantics", "cells": [4][5] of {"mean"} or
// null}], "switches": [{"trained", "evaluated", "base", "changes", "before": {"mean"}, "after":
// {"mean"}}]}. Cells over several seeds have "lowest", "highest", "deviation" and "interval" too:
// the 95 % interval of the mean. result_part() adds a "title". Of table2.json or table2-seeds.json.
nlohmann::ordered_json table_part(const nlohmann::json& file);

// "laptop size (128 tokens), seed 1", of a table_part() that has a "name".
std::string table_title(const nlohmann::ordered_json& part);

// {"comparisons": [{"finding", "title", "model", "evaluated", "verdict", "seeds", "rows":
// [{"flipped", "losing", "keeping"}]}], "suspects": [...], "meanings": [{"model", "evaluated",
// "cells": {meaning: {"mean"} or null}}], "absent"}.
nlohmann::ordered_json discrepancy_part(const nlohmann::json& file);

// {"size", "threads", "train_step": [...], "evaluate": [...], "attention": [...]}, rows of
// {"attention", "tokens", "batch", "precision", "seconds", "fraction_of_peak", "tokens_per_second"}
// and where it was measured "peak_bytes".
nlohmann::ordered_json speed_part(const nlohmann::json& file);

// {"version", "commit", "cpu", "simd"}, as text, of what is there.
nlohmann::ordered_json provenance_of(const nlohmann::json& file);

// A number within [low, high]; throws Error otherwise.
double number_within(const nlohmann::json& value, double low, double high, const char* what);

}  // namespace internal
}  // namespace reformer
