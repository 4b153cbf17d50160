// The committed weights still give the committed numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "reformer/base/files.h"
#include "reformer/experiment/model_source.h"
#include "reformer/experiment/study_model.h"
#include "tests/experiment/committed.h"

namespace reformer {
namespace {

// Both sides of a comparison, and what each switch does to them where all cells are wanted.
std::vector<nlohmann::json> cells_of(const nlohmann::json& run) {
  std::vector<nlohmann::json> cells = {run.at("losing"), run.at("keeping")};
  if (!all_cells()) return cells;
  for (const auto& flip : run.at("flips")) {
    cells.push_back(flip.at("breaks"));
    cells.push_back(flip.at("heals"));
  }
  return cells;
}

// Computes comparisons again, of the models of training seed `seed` that are there and that
// `wanted` names (all, when it is empty). Returns how many numbers that were.
int64_t compare_again(const std::string& name, int64_t seed,
                      const std::vector<std::string>& wanted) {
  const auto results = std::filesystem::path(REFORMER_SOURCE_DIR) / "results" / name;
  const auto study = nlohmann::json::parse(read_file(results / "discrepancy.json"));
  ThreadPool pool(2);
  DirectorySource source(results / "models");
  int64_t compared = 0;
  for (const auto& comparison : study.at("comparisons")) {
    const std::string trained = comparison.at("model");
    if (!wanted.empty() && std::ranges::count(wanted, trained) == 0) continue;
    RunConfig config = discrepancy_config(study.at("size").get<std::string>(), trained, seed);
    std::optional<TrainedModel> model = source.model(trained, config);
    if (!model) continue;
    config.model = model->config.model;  // its configuration, on the study's examples
    model->config = config;
    StudyModel evaluated(*std::move(model), pool);
    for (const auto& run : comparison.at("runs")) {
      for (const nlohmann::json& cell : cells_of(run)) {
        if (cell.at("seed") != seed) continue;
        ++compared;
        const Cell again = evaluated.evaluate(
            cell.at("evaluated").get<std::string>(),
            named_semantics(cell.at("semantics").get<std::string>()), cell.at("rotation_seed"), {});
        EXPECT_EQ(again.sequences, cell.at("sequences"));
        EXPECT_EQ(again.loss.scored, cell.at("scored"));
        EXPECT_NEAR(again.loss.accuracy(), cell.at("accuracy"), kAccuracyTolerance)
            << trained << ": " << cell.dump();
      }
    }
  }
  return compared;
}

TEST(CommittedDiscrepancy, WeightsGiveTheNumbersOfTheTable) {
  EXPECT_GE(compare_again("discrepancy-laptop", 1, {}), 8)
      << "finding (a), (b) and (c) have committed weights";
}

// One finding of the three; all of them where REFORMER_ALL_CELLS is set.
TEST(CommittedDiscrepancy, WeightsOfFullSizeDoToo) {
  const std::vector<std::string> sample = {"paper-lsh-4"};
  EXPECT_GE(
      compare_again("discrepancy-full", 42, all_cells() ? std::vector<std::string>{} : sample),
      all_cells() ? 30 : 2);
}

}  // namespace
}  // namespace reformer
