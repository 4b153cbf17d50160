// The directory of a study, whose models are trained in runs there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "apps/runs_directory.h"
#include "apps/sweep_flags.h"
#include "reformer/experiment/sweep.h"

namespace reformer::apps {

// Throws Error where `seeds` seeds from `first` on do not all fit into 63 bits.
void require_room(int64_t first, int64_t seeds);

class StudyDirectory {
 public:
  // As RunsDirectory.
  explicit StudyDirectory(const std::filesystem::path& path) : directory_(path) {}

  const std::filesystem::path& path() const { return directory_.path(); }

  // Whether a part of the members was trained before.
  bool holds_any(std::span<const SweepMember> members) const;

  // Trains what is left of the members. The signal that stopped it, or 0. Throws Error when a run
  // failed, or is of another commit of the program.
  int train(std::span<const SweepMember> members, SweepFlags& flags) const;

 private:
  RunsDirectory directory_;
};

}  // namespace reformer::apps
