// What lies where in the directory of a run. docs/run-format.md.
#pragma once

#include <filesystem>

#include "reformer/train/run_config.h"

namespace reformer {

class CheckpointFolder;

struct RunFiles {
  std::filesystem::path root;

  std::filesystem::path config() const { return root / "config.json"; }
  std::filesystem::path database() const { return root / "run.db"; }
  std::filesystem::path model() const { return root / "model.safetensors"; }
  std::filesystem::path lock() const { return root / "lock"; }
  CheckpointFolder checkpoints() const;
};

// Whether anything of a run is there.
bool holds_run(const RunFiles& files);

// Throws Error, naming `where`, when `output` would replace a file of a run. Only a directory with
// a database counts as one: the model of another program is config.json and model.safetensors, too.
void require_outside_runs(const std::filesystem::path& output, std::string_view where);

// Throws Error when `directory`, which is to hold several runs, is a run itself.
void require_no_run(const std::filesystem::path& directory);

// Removes all of a run but the directory and the lock; what is not a run's stays.
void remove_run(const RunFiles& files);

// config.json: every setting, and for people which program and processor wrote it.
void write_run_config(const RunFiles& files, const RunConfig& config);

// Settings that a configuration does not have: a run that goes on must not change them silently; of
// one that is only looked at they are what a program did that did not have them, the defaults.
enum class MissingSettings { refused, defaults };

// Throws Error unless every setting is valid; `where` names the object.
RunConfig parse_run_config(const nlohmann::json& object, std::string_view where,
                           MissingSettings missing = MissingSettings::refused);
RunConfig read_run_config(const RunFiles& files);

// The model file that `path` means: itself, or in the directory of a run the finished model or else
// the newest checkpoint.
std::filesystem::path find_model(const std::filesystem::path& path);

}  // namespace reformer
