// kill -9 at random instants, again and again: the run ends with the bits of one that nobody
// killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <iostream>
#include <random>
#include <thread>

#include "tests/faults/fault_run.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kKilledSteps = 600;

struct Counts {
  int kills = 0, in_checkpoint = 0, in_commit = 0, runs = 0;
};

// Whether a kill left a file in the making.
bool left_over_in(const fs::path& folder) {
  if (!fs::exists(folder)) return false;
  return std::ranges::any_of(names_in(folder),
                             [](const std::string& name) { return name.ends_with(".tmp"); });
}

class KilledAtRandom : public testing::TestWithParam<const char*> {
 protected:
  // One run, killed until it ends.
  void kill_until_it_ends(const RunFiles& files, Counts& counts) {
    const std::vector<std::string> begin = saving_arguments(files.root, kKilledSteps, GetParam());
    for (int threads = 1;; threads = 3 - threads) {
      const bool there = fs::exists(files.config());
      const std::vector<int64_t> before = files.checkpoints().steps();
      RunningProgram program(there ? resume_arguments(files.root, threads) : begin);
      std::this_thread::sleep_for(std::chrono::microseconds(random_() % (1000 * within_ms_)));
      program.send(SIGKILL);
      const Outcome outcome = program.wait();
      if (outcome.exit_code == 0) return;
      ASSERT_EQ(outcome.exit_code, 128 + SIGKILL) << outcome.err;
      ++counts.kills;
      counts.in_checkpoint += left_over_in(files.root / "checkpoints");
      counts.in_commit += fs::exists(files.database().string() + "-journal");
      if (fs::exists(files.config())) expect_intact(files, last_step_in(outcome.err));
      if (HasFailure()) return;
      if (files.checkpoints().steps() == before) ++within_ms_;
    }
  }

  std::mt19937 random_{1};
  unsigned within_ms_ = REFORMER_KILL_WITHIN_MS;  // grows while kills come before the first step
};

TEST_P(KilledAtRandom, EndsWithTheSameBits) {
  const TemporaryDirectory directory(quick_parent());
  const RunFiles whole{directory / "whole"};
  run_program(saving_arguments(whole.root, kKilledSteps, GetParam()));
  const Lasting undisturbed = lasting(whole);
  Counts counts;
  for (; counts.kills < REFORMER_KILLS && !HasFailure(); ++counts.runs) {
    const RunFiles files{directory / ("run" + std::to_string(counts.runs))};
    kill_until_it_ends(files, counts);
    if (HasFailure()) break;
    EXPECT_TRUE(lasting(files) == undisturbed);
  }
  std::cout << counts.kills << " kills in " << counts.runs << " runs of " << kKilledSteps
            << " steps, " << counts.in_checkpoint << " while a checkpoint was written, "
            << counts.in_commit << " during a commit\n";
  EXPECT_GE(counts.kills, REFORMER_KILLS);
}

INSTANTIATE_TEST_SUITE_P(Optimizers, KilledAtRandom, testing::Values("fastai-adam", "adafactor"),
                         [](const auto& info) {
                           return info.param[0] == 'f' ? "Adam" : "Adafactor";
                         });

}  // namespace
}  // namespace reformer::test
