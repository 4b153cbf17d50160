// The committed weights still give the committed numbers.
#include <gtest/gtest.h>

#include <filesystem>

#include "reformer/base/files.h"
#include "reformer/experiment/model_source.h"
#include "reformer/experiment/study_model.h"

namespace reformer {
namespace {

const std::filesystem::path kResults =
    std::filesystem::path(REFORMER_SOURCE_DIR) / "results/discrepancy-laptop";
constexpr int64_t kSeed = 1;  // of the models that are committed

// Another instruction set rounds differently, and a logit near a tie may then go the other way.
constexpr double kAccuracyTolerance = 0.002;

TEST(CommittedDiscrepancy, WeightsGiveTheNumbersOfTheTable) {
  const auto study = nlohmann::json::parse(read_file(kResults / "discrepancy.json"));
  ThreadPool pool(2);
  DirectorySource source(kResults / "models");
  int64_t compared = 0;
  for (const auto& comparison : study.at("comparisons")) {
    const std::string name = comparison.at("model");
    RunConfig config = discrepancy_config("laptop", name, kSeed);
    std::optional<TrainedModel> model = source.model(name, config);
    if (!model) continue;
    config.model = model->config.model;  // its configuration, on the study's examples
    model->config = config;
    StudyModel evaluated(*std::move(model), pool);
    for (const auto& run : comparison.at("runs")) {
      for (const char* side : {"losing", "keeping"}) {
        const auto& cell = run.at(side);
        if (cell.at("seed") != kSeed) continue;
        ++compared;
        const Cell again = evaluated.evaluate(
            cell.at("evaluated").get<std::string>(),
            named_semantics(cell.at("semantics").get<std::string>()), cell.at("rotation_seed"), {});
        EXPECT_EQ(again.sequences, cell.at("sequences"));
        EXPECT_EQ(again.loss.scored, cell.at("scored"));
        EXPECT_NEAR(again.loss.accuracy(), cell.at("accuracy"), kAccuracyTolerance)
            << name << ": " << cell.dump();
      }
    }
  }
  EXPECT_GE(compared, 8) << "finding (a), (b) and (c) have committed weights";
}

}  // namespace
}  // namespace reformer
