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

// One model of one study of one training seed.
struct CommittedModel {
  fs::path study;
  std::string trained;
  bool sampled;  // two of its cells are computed again wherever tests run
};

TrainedModel load(const CommittedModel& committed) {
  StoredModel stored =
      open_model(committed.study / "models" / (committed.trained + ".safetensors"));
  TrainedModel model;
  model.config = stored.record.config;
  model.trained = attention_of(stored.file.config, 0).name();
  model.parameters = std::move(stored.file.parameters);
  return model;
}

nlohmann::json table_of(const fs::path& study) {
  return nlohmann::json::parse(read_file(study / "table2.json"));
}

std::vector<fs::path> studies_with_weights() {
  std::vector<fs::path> out;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(REFORMER_SOURCE_DIR) / "results")) {
    if (fs::exists(entry.path() / "table2.json") && fs::exists(entry.path() / "models")) {
      out.push_back(entry.path());
    }
  }
  std::ranges::sort(out);
  return out;
}

// Sampled is one model of each study, another one from study to study, and of several training
// seeds of one study the first.
std::vector<CommittedModel> committed_models() {
  std::vector<CommittedModel> out;
  fs::path previous;
  size_t studies = 0;
  for (const fs::path& study : studies_with_weights()) {
    const bool another_seed = study.filename().string().starts_with("seed-") &&
                              study.parent_path() == previous.parent_path();
    const auto table = table_of(study);
    const auto& models = table.at("models");
    for (size_t m = 0; m < models.size(); ++m) {
      out.push_back(
          {study, models[m].at("trained"), !another_seed && m == studies % models.size()});
    }
    if (!another_seed) ++studies;
    previous = study;
  }
  return out;
}

std::string test_name(const testing::TestParamInfo<CommittedModel>& info) {
  const fs::path results = fs::path(REFORMER_SOURCE_DIR) / "results";
  std::string name =
      info.param.study.lexically_relative(results).string() + "_" + info.param.trained;
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

class CommittedTable2 : public testing::TestWithParam<CommittedModel> {};

// Full attention and LSH-2 of the models that are sampled; all cells, rotation seeds and switches
// of all models where REFORMER_ALL_CELLS is set.
TEST_P(CommittedTable2, WeightsGiveTheNumbersOfTheTable) {
  const CommittedModel& committed = GetParam();
  const auto table = table_of(committed.study);
  ThreadPool pool(2);
  StudyModel model(load(committed), pool);
  for (const auto& entry : table.at("models")) {
    if (entry.at("trained") != committed.trained) continue;
    RunConfig config;  // of a program that may have had fewer settings
    from_json(entry.at("config"), config, "table2.json");
    EXPECT_EQ(to_json(model.config()), to_json(config));
  }
  nlohmann::json cells = table.at("cells");
  for (const char* more : {"switches", "more_rotations"}) {
    const auto found = table.find(more);
    if (all_cells() && found != table.end())
      cells.insert(cells.end(), found->begin(), found->end());
  }
  const std::string own = model.config().model.semantics;
  int64_t compared = 0;
  for (const auto& cell : cells) {
    const std::string evaluated = cell.at("evaluated");
    const bool sample = committed.sampled && cell.at("semantics") == own &&
                        (evaluated == "full" || evaluated == "lsh-2");
    if (cell.at("trained") != committed.trained || !(all_cells() || sample)) continue;
    ++compared;
    const Cell again =
        model.evaluate(evaluated, named_semantics(cell.at("semantics").get<std::string>()),
                       cell.at("rotation_seed"));
    EXPECT_EQ(again.sequences, cell.at("sequences"));
    EXPECT_EQ(again.loss.scored, cell.at("scored"));
    EXPECT_NEAR(again.loss.accuracy(), cell.at("accuracy"), kAccuracyTolerance) << cell.dump();
  }
  EXPECT_GE(compared, all_cells() ? 5 : committed.sampled ? 2 : 0);
}

INSTANTIATE_TEST_SUITE_P(Models, CommittedTable2, testing::ValuesIn(committed_models()), test_name);

TEST(CommittedWeights, OneModelOfEachStudyIsSampled) {
  const std::vector<CommittedModel> models = committed_models();
  EXPECT_EQ(std::ranges::count(models, true, &CommittedModel::sampled), 5)
      << "full, full-paper, full-seed, full-seeds and full-seeds-avx2 have weights";
}

}  // namespace
}  // namespace reformer
