// The models of the Table 2 study as runs on disk, so that it can be stopped and goes on.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "reformer/experiment/sweep.h"
#include "reformer/experiment/table2.h"

namespace reformer {

// The four models for each of `seeds` seeds from `first_seed` on, seed by seed: "runs/lsh-4" for
// one seed, "seed-7/runs/lsh-4" for several.
std::vector<SweepMember> table2_members(std::string_view size, int64_t first_seed, int64_t seeds);

// Throws Error when a member in `directory` was trained by another commit of the program: a table
// says which one made it.
void require_same_program(std::span<const SweepMember> members,
                          const std::filesystem::path& directory);

// The model of a run that is finished. Throws Error when it is not, or is damaged.
TrainedModel read_trained(const std::filesystem::path& run);

}  // namespace reformer
