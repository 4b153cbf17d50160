#include "reformer/run/stored_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/base/error.h"
#include "reformer/model/parameters.h"
#include "reformer/run/run_files.h"
#include "tests/support/temporary_directory.h"

namespace reformer {
namespace {

// A run whose model was saved with this story of its training.
std::filesystem::path run_with(const test::TemporaryDirectory& directory,
                               const nlohmann::json& training) {
  const ModelConfig config = model_preset("smoke");
  save_model(RunFiles{directory.path()}.model(), config, initial_parameters(config, 3), training);
  return directory.path();
}

TEST(StoredModel, IsThatOfARunWithItsRecord) {
  const test::TemporaryDirectory directory;
  TrainingRecord record{run_preset("smoke"), 17, 5};
  const std::filesystem::path run = run_with(directory, to_json(record));
  for (const std::filesystem::path& path : {run, RunFiles{run}.model()}) {
    const StoredModel model = open_model(path);
    EXPECT_EQ(model.path, RunFiles{run}.model());
    EXPECT_EQ(model.file.parameters, initial_parameters(model.file.config, 3));
    EXPECT_EQ(to_json(model.record), to_json(record));
  }
}

TEST(StoredModel, MistakesNameTheFile) {
  const test::TemporaryDirectory directory;
  const auto complaint = [&] {
    try {
      open_model(directory.path());
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(complaint(), testing::HasSubstr("expected a model's file or the directory of a run"));
  run_with(directory, {{"steps_done", "many"}});
  EXPECT_THAT(complaint(), testing::HasSubstr("model.safetensors: training: steps_done"));
}

}  // namespace
}  // namespace reformer
