// The committed weights of the Table 2 studies still give the committed numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "reformer/base/files.h"
#include "reformer/experiment/study_model.h"
#include "reformer/run/stored_model.h"
#include "tests/experiment/committed.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

TrainedModel committed_model(const fs::path& path) {
  StoredModel stored = open_model(path);
  TrainedModel model;
  model.config = stored.record.config;
  model.trained = attention_of(stored.file.config, 0).name();
  model.parameters = std::move(stored.file.parameters);
  return model;
}

// Of several training seeds of one study the first, or all.
std::vector<fs::path> studies_with_weights(bool all_seeds) {
  std::vector<fs::path> out;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(REFORMER_SOURCE_DIR) / "results")) {
    if (fs::exists(entry.path() / "table2.json") && fs::exists(entry.path() / "models")) {
      out.push_back(entry.path());
    }
  }
  std::ranges::sort(out);
  if (all_seeds) return out;
  const auto same_study = [](const fs::path& a, const fs::path& b) {
    return a.parent_path() == b.parent_path() && a.filename().string().starts_with("seed-");
  };
  out.erase(std::ranges::unique(out, same_study).begin(), out.end());
  return out;
}

// A model of each study, another one from study to study, under full and LSH attention; all cells
// and switches where REFORMER_ALL_CELLS is set, which takes minutes a study.
TEST(CommittedTable2, WeightsGiveTheNumbersOfTheTable) {
  const bool all = all_cells();
  ThreadPool pool(2);
  const std::vector<fs::path> studies = studies_with_weights(all);
  EXPECT_FALSE(studies.empty());
  int64_t compared = 0;
  for (size_t i = 0; i < studies.size(); ++i) {
    auto study = nlohmann::json::parse(read_file(studies[i] / "table2.json"));
    const auto& models = study.at("models");
    for (size_t m = 0; m < models.size(); ++m) {
      if (!all && m != i % models.size()) continue;
      const std::string trained = models[m].at("trained");
      const fs::path path = studies[i] / "models" / (trained + ".safetensors");
      StudyModel model(committed_model(path), pool);
      RunConfig config;  // of a program that may have had fewer settings
      from_json(models[m].at("config"), config, "table2.json");
      EXPECT_EQ(to_json(model.config()), to_json(config)) << path;
      const std::string own = model.config().model.semantics;
      nlohmann::json cells = study.at("cells");
      if (all) cells.insert(cells.end(), study["switches"].begin(), study["switches"].end());
      for (const auto& cell : cells) {
        const std::string evaluated = cell.at("evaluated");
        const bool sample =
            cell.at("semantics") == own && (evaluated == "full" || evaluated == "lsh-2");
        if (cell.at("trained") != trained || !(all || sample)) continue;
        ++compared;
        const Cell again =
            model.evaluate(evaluated, named_semantics(cell.at("semantics").get<std::string>()),
                           cell.at("rotation_seed"));
        EXPECT_EQ(again.sequences, cell.at("sequences"));
        EXPECT_EQ(again.loss.scored, cell.at("scored"));
        EXPECT_NEAR(again.loss.accuracy(), cell.at("accuracy"), kAccuracyTolerance)
            << path << ": " << cell.dump();
      }
    }
  }
  EXPECT_GE(compared, 2 * static_cast<int64_t>(studies.size()));
}

}  // namespace
}  // namespace reformer
