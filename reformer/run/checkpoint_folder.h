// The checkpoints of one run: checkpoints/step-N.safetensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "reformer/train/trainer.h"

namespace reformer {

class CheckpointFolder {
 public:
  explicit CheckpointFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path path_of(int64_t step) const;

  // Steps that there is a checkpoint of, ascending; none where there is no folder. Other files are
  // not looked at.
  std::vector<int64_t> steps() const;

  // Creates the folder where needed. Errors as save_checkpoint().
  void save(Trainer& trainer) const;

  // Restores the checkpoint of `step`. The Error of a bad one also names the one before it.
  void restore(int64_t step, Trainer& trainer) const;

  // Removes all but the newest `keep` and the one of `best`.
  void prune(int64_t keep, std::optional<int64_t> best) const;

  // Removes what lies beyond `step`, and files in the making that a killed process left.
  void remove_after(int64_t step) const;

 private:
  std::filesystem::path folder_;
};

// The step in the name step-N.safetensors; nothing for another name.
std::optional<int64_t> checkpoint_step(const std::filesystem::path& file);

}  // namespace reformer
