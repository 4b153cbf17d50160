#include "tests/faults/fault_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "reformer/run/checkpoint.h"

namespace reformer::test {

namespace fs = std::filesystem;

fs::path quick_parent() {
  std::error_code ignored;
  return fs::is_directory("/dev/shm", ignored) ? fs::path("/dev/shm") : fs::temp_directory_path();
}

std::vector<std::string> saving_arguments(const fs::path& run, int64_t steps,
                                          const std::string& optimizer) {
  return {"train",
          "--preset",
          "smoke",
          "--run",
          run.string(),
          "--steps",
          std::to_string(steps),
          "--optimizer",
          optimizer,
          "--batch",
          "2",
          "--validation-rows",
          "2",
          "--attention",
          "lsh",
          "--hashes",
          "1",
          "--evaluate-every",
          "2",
          "--checkpoint-every",
          "1",
          "--keep-checkpoints",
          "2",
          "--threads",
          "1",
          "--log-every",
          "1"};
}

std::vector<std::string> resume_arguments(const fs::path& run, int threads) {
  return {"train",       "--resume", run.string(), "--threads", std::to_string(threads),
          "--log-every", "1"};
}

void expect_intact(const RunFiles& files, int64_t seen_step) {
  const std::vector<int64_t> steps = files.checkpoints().steps();
  EXPECT_GE(steps.empty() ? 0 : steps.back(), seen_step - 1) << "a step was lost";
  if (steps.empty()) return;
  ThreadPool pool(1);
  Trainer trainer(read_run_config(files), pool);
  for (const int64_t step : steps) {
    EXPECT_NO_THROW(restore_checkpoint(files.checkpoints().path_of(step), trainer)) << step;
    EXPECT_EQ(trainer.steps_done(), step);
  }
}

int64_t last_step_in(const std::string& shown) {
  static const std::regex kStep(R"(  step (\d+)/)");
  int64_t last = 0;
  for (std::sregex_iterator found(shown.begin(), shown.end(), kStep), end; found != end; ++found) {
    last = std::stoll((*found)[1]);
  }
  return last;
}

void expect_clear_error(const Outcome& outcome) {
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  // A temporary of the standard error may lie before it.
  EXPECT_THAT(outcome.err, testing::ContainsRegex("(^|\n)reformer: \\[[^\n]*expected [^\n]*\n$"));
}

void expect_same_end(const RunFiles& files, const std::vector<std::string>& begin,
                     const Lasting& undisturbed, int threads) {
  const bool there = fs::exists(files.config());
  const Outcome outcome = run_program(there ? resume_arguments(files.root, threads) : begin);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(lasting(files) == undisturbed);
  EXPECT_THAT(names_in(files.root),
              testing::ElementsAre("checkpoints", "config.json", "model.safetensors", "run.db"));
}

}  // namespace reformer::test
