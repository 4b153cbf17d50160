#include "reformer/report/command.h"

#include <gtest/gtest.h>

namespace reformer {
namespace {

TEST(TrainingCommand, NamesTheNearestPresetAndWhatDiffers) {
  RunConfig config = run_preset("smoke");
  config.train.seed = 7;
  config.model.attention = AttentionKind::lsh;
  EXPECT_EQ(training_command(config, "runs/a"),
            "reformer train --preset smoke --attention lsh --seed 7 --run runs/a");
}

// These follow the optimiser on the command line, so they must be said.
TEST(TrainingCommand, SaysAllOfAnotherOptimizer) {
  RunConfig config = run_preset("smoke");
  config.train.optimizer = optimizer_defaults(OptimizerKind::adafactor);
  const std::string command = training_command(config, "a");
  for (const char* flag : {"--optimizer adafactor", "--beta1 ", "--beta2 ", "--epsilon "}) {
    EXPECT_NE(command.find(flag), std::string::npos) << flag << " in " << command;
  }
}

TEST(TrainingCommand, QuotesTheDirectory) {
  const std::string command = training_command(run_preset("smoke"), "runs/it's $(here)");
  EXPECT_TRUE(command.ends_with("--run 'runs/it'\\''s $(here)'")) << command;
}

}  // namespace
}  // namespace reformer
