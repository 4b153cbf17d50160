// The models of a study as runs on disk, so that it can be stopped and goes on.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/experiment/sweep.h"
#include "reformer/experiment/table2.h"

namespace reformer {

// Where a study with several training seeds keeps what belongs to one, and where, beside results,
// the evaluations of models lie (kept_cells.h).
std::string study_seed_name(int64_t seed);  // "seed-7"
inline constexpr std::string_view kStudyEvaluations = "evaluations";

// The run of a model in such a study: "seed-7/runs/lsh-4".
std::string study_run_name(std::string_view model, int64_t seed);

// The four models for each of `seeds` seeds from `first_seed` on, seed by seed: "runs/lsh-4" for
// one seed, study_run_name() for several.
std::vector<SweepMember> table2_members(std::string_view size, int64_t first_seed, int64_t seeds);

// All models of the discrepancy study for each of those seeds, under study_run_name().
std::vector<SweepMember> discrepancy_members(std::string_view size, int64_t first_seed,
                                             int64_t seeds);

// Throws Error when a member in `directory` was trained by another commit of the program: a table
// says which one made it.
void require_same_program(std::span<const SweepMember> members,
                          const std::filesystem::path& directory);

// The model of a run that is finished. Throws Error when it is not, or is damaged.
TrainedModel read_trained(const std::filesystem::path& run);

}  // namespace reformer
