// One model for all tests of a file, trained in a moment.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/program.h"

namespace reformer::test {

// `Suite` derives from this. Its `training()` are further arguments of the training, and
// `kCommand` is the command that on_model() runs on what came of it.
template <class Suite>
class OneModel : public testing::Test {
 public:
  static std::vector<std::string> training() { return {}; }

 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TemporaryDirectory>();
    const Outcome outcome = run_program(train_arguments(run(), Suite::training()));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  static void TearDownTestSuite() { directory_.reset(); }

  static std::string path(const std::string& name) { return *directory_ / name; }
  static std::string run() { return path("run"); }

  static Outcome on_model(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {Suite::kCommand, run()});
    return run_program(arguments);
  }

  // What it prints with --json.
  static nlohmann::json json(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    const Outcome outcome = on_model(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return nlohmann::json::parse(outcome.out);
  }

 private:
  static inline std::unique_ptr<TemporaryDirectory> directory_;
};

}  // namespace reformer::test
