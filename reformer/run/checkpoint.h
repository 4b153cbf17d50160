// The state of a training as one safetensors file: a model file (model_file.h) that also holds the
// optimiser's memory. docs/checkpoints.md describes it.
#pragma once

#include <filesystem>

#include "reformer/train/trainer.h"

namespace reformer {

// Writes the state in one step: a crash leaves the old file or the new one. Equal states give equal
// files. Throws Error when a value is not finite or the file cannot be written.
void save_checkpoint(const std::filesystem::path& path, Trainer& trainer);

// Makes `trainer` go on, bit for bit, as the one did whose state was saved. Throws Error when the
// file is damaged, no checkpoint, or of a run with other settings (it names up to five); the
// trainer is then as it was.
void restore_checkpoint(const std::filesystem::path& path, Trainer& trainer);

}  // namespace reformer
