// A small run that saves after every step, and what must hold after whatever was done to it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/run/small_training.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {

// In memory where the system has such a file system: flushing a disk takes the time of many steps.
std::filesystem::path quick_parent();

// `reformer train` with these steps, a checkpoint after each.
std::vector<std::string> saving_arguments(const std::filesystem::path& run, int64_t steps,
                                          const std::string& optimizer);
std::vector<std::string> resume_arguments(const std::filesystem::path& run, int threads = 1);

// Every checkpoint of the run is whole, and the newest one is at most one step behind the step that
// the program was seen to do last (0: none).
void expect_intact(const RunFiles& files, int64_t seen_step);

// The last step in lines such as "lsh-1  step 2/3  ...".
int64_t last_step_in(const std::string& shown);

// Exit code 2 and one line that says what is wrong.
void expect_clear_error(const Outcome& outcome);

// Ends the run without faults - resumed, or from the start where nothing of it is there - and
// expects what an undisturbed one left, with nothing left over.
void expect_same_end(const RunFiles& files, const std::vector<std::string>& begin,
                     const Lasting& undisturbed, int threads = 1);

}  // namespace reformer::test
