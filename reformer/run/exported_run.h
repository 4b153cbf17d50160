// A run that was exported as JSON: all that a report needs of a run, in one file to be passed on.
// docs/run-format.md.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "reformer/run/run_records.h"
#include "reformer/train/run_config.h"

namespace reformer {

struct ExportedRun {
  RunConfig config;
  nlohmann::json written_by;  // of the configuration; null where it does not say
  RunRecords records;
};

// Whether the file is named as one: "lsh-4.run.json".
bool is_exported_run(const std::filesystem::path& path);

// Reads what run_json() writes; a setting that is missing has its default. Throws Error where
// anything else is missing, and where something is unknown, of another type or in another order;
// `where` names the text.
ExportedRun parse_exported_run(std::string_view text, std::string_view where);

}  // namespace reformer
