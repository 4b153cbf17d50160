#include "reformer/experiment/table2.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/experiment/cross_evaluation.h"
#include "reformer/experiment/published.h"
#include "reformer/experiment/table2_report.h"
#include "reformer/run/stored_model.h"

namespace reformer {
namespace {

struct Count : StudyObserver {
  int64_t trainings = 0, steps = 0, evaluations = 0, announced = 0;
  void training_begins(std::string_view, int64_t) override { ++trainings; }
  void step_done(const StepReport&) override { ++steps; }
  void training_ends(const TrainedModel&) override {}
  void evaluation_done(const Cell&, int64_t done, int64_t total) override {
    EXPECT_EQ(done, ++evaluations);
    announced = total;
  }
};

Table2 run_smoke(int threads, Count& count, int64_t rotations = 1) {
  ThreadPool pool(threads);
  return run_table2({.size = "smoke", .seed = 1, .rotations = rotations}, pool, count);
}

// The study at its smallest, run once for all tests.
const Table2& smoke() {
  static const Table2 table = [] {
    Count count;
    return run_smoke(2, count);
  }();
  return table;
}

TEST(Table2, FurtherRotationSeedsMoveCellsOfLshAttentionOnly) {
  Count count;
  const Table2 table = run_smoke(2, count, 3);
  EXPECT_EQ(count.evaluations, count.announced);
  ASSERT_EQ(table.more_rotations.size(), 2U);
  EXPECT_NE(table.more_rotations[0][1].rotation_seed, table.more_rotations[1][1].rotation_seed);
  int64_t moved = 0;
  for (const std::vector<Cell>& cells : table.more_rotations) {
    ASSERT_EQ(cells.size(), table.cells.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      EXPECT_EQ(cells[i].trained, table.cells[i].trained);
      EXPECT_EQ(cells[i].evaluated, table.cells[i].evaluated);
      EXPECT_EQ(cells[i].semantics, table.cells[i].semantics);
      EXPECT_NE(cells[i].rotation_seed, table.cells[i].rotation_seed);
      if (cells[i].evaluated == "full") {
        EXPECT_EQ(cells[i].loss.loss, table.cells[i].loss.loss);
      } else {
        moved += cells[i].loss.loss != table.cells[i].loss.loss ? 1 : 0;
      }
    }
  }
  EXPECT_GT(moved, 90) << "of 96";
}

TEST(Table2, TheOwnMeaningAloneHasTheSameCells) {
  Count count;
  ThreadPool pool(2);
  const Table2 table =
      run_table2({.size = "smoke", .seed = 1, .only_own_meaning = true}, pool, count);
  EXPECT_EQ(count.evaluations, count.announced);
  EXPECT_EQ(table.meanings, std::vector<std::string>{table.own_meaning});
  ASSERT_EQ(table.cells.size(), 20U);
  for (const Cell& cell : table.cells) {
    EXPECT_EQ(cell.semantics, table.own_meaning);
    EXPECT_EQ(cell.loss.loss, smoke().at(cell.trained, cell.evaluated, cell.semantics).loss.loss);
  }
  EXPECT_EQ(table2_text(table).find("other meanings"), std::string::npos);
  EXPECT_EQ(table2_markdown(table).find("other meanings"), std::string::npos);
}

// A switch is put into or taken out of a meaning whose own number stands beside it.
TEST(Table2, SwitchesAreThoseOfTheMeaningOfTraining) {
  EXPECT_EQ(smoke().switches.size(), 5U);
  for (const auto& [meaning, expected] : {std::pair{"seed", 7U}, {"paper", 8U}}) {
    std::vector<TrainedModel> models = smoke().models;
    for (TrainedModel& model : models) model.config.model.semantics = meaning;
    Count count;
    ThreadPool pool(2);
    const Table2 table = evaluate_table2({.size = "smoke", .seed = 1, .only_own_meaning = true},
                                         std::move(models), pool, count);
    EXPECT_EQ(count.evaluations, count.announced);
    ASSERT_EQ(table.switches.size(), expected);
    const std::string text = table2_text(table);
    for (const Cell& cell : table.switches) {
      const Cell& before = table.before(cell);
      const auto [base, changes] = base_and_changes(cell.semantics);
      EXPECT_EQ(before.semantics, base);
      if (changes.empty()) {
        EXPECT_NE(base, meaning) << "that is in the table";
        continue;
      }
      EXPECT_NE(cell.loss.loss, before.loss.loss) << cell.semantics;
      EXPECT_NE(text.find(fmt::format("under {}  {:6.2f} with {}\n", base,
                                      100 * cell.loss.accuracy(), changes)),
                std::string::npos)
          << text;
    }
  }
}

TEST(Table2, TrainsEachModelUnderItsOwnAttentionAndEvaluatesItUnderAll) {
  Count count;
  const Table2 table = run_smoke(1, count);
  EXPECT_EQ(count.trainings, 4);
  EXPECT_EQ(count.steps, 4 * run_preset("smoke").train.steps);
  EXPECT_EQ(count.evaluations, count.announced);
  ASSERT_EQ(table.models.size(), 4U);
  for (size_t i = 0; i < 4; ++i) {
    const TrainedModel& model = table.models[i];
    EXPECT_EQ(model.trained, kTrainedWith[i]);
    EXPECT_EQ(attention_of(model.config.model, 0).name(), kTrainedWith[i]);
    EXPECT_EQ(model.config.model.semantics, "consistent");
  }
  std::set<std::string> distinct;
  for (const Cell& cell : table.cells) {
    distinct.insert(cell.trained + cell.evaluated + cell.semantics);
    EXPECT_EQ(cell.sequences, 128);
    EXPECT_EQ(cell.loss.scored, 128 * 16);
    EXPECT_TRUE(std::isfinite(cell.loss.loss));
  }
  EXPECT_EQ(distinct.size(), 3U * 20U);
}

TEST(Table2Determinism, IsTheSameTextForAnyNumberOfThreads) {
  const std::string expected = table2_json(smoke()).dump();
  for (const int threads : {1, 3}) {
    Count count;
    EXPECT_EQ(table2_json(run_smoke(threads, count)).dump(), expected) << threads << " threads";
  }
}

TEST(Table2, AnotherSeedGivesAnotherTable) {
  Count count;
  ThreadPool pool(2);
  const Table2 other = run_table2({.size = "smoke", .seed = 2}, pool, count);
  EXPECT_NE(other.cells[0].loss.loss, smoke().cells[0].loss.loss);
}

TEST(Table2, TheModelsDifferInAttentionOnly) {
  const RunConfig full = table2_config("laptop", "full", 7);
  RunConfig lsh = table2_config("laptop", "lsh-2", 7);
  EXPECT_EQ(lsh.model.attention, AttentionKind::lsh);
  EXPECT_EQ(lsh.model.hash_rounds, 2);
  EXPECT_EQ(lsh.train.seed, 7);
  lsh.model.attention = full.model.attention;
  lsh.model.hash_rounds = full.model.hash_rounds;
  lsh.train.steps = full.train.steps;  // each trains until it is done
  EXPECT_EQ(lsh.model, full.model);
  EXPECT_EQ(lsh.train, full.train);
}

// The published sizes: which model, under which meaning, with how many buckets of what length.
TEST(Table2, FullSizesAreThoseOfThePrograms) {
  struct Size {
    std::string_view name, semantics;
    int64_t buckets, chunk_length;
    TaskForm form;
  };
  for (const Size& size : {Size{"full", "consistent", 16, 64, TaskForm::seed},
                           Size{"full-seed", "seed", 16, 64, TaskForm::seed},
                           Size{"full-paper", "paper", 64, 32, TaskForm::paper}}) {
    const RunConfig config = table2_config(size.name, "lsh-4", 1);
    validate(config);
    ModelConfig published = model_preset(size.form == TaskForm::paper ? "paper" : "seed");
    EXPECT_EQ(config.model.length, 1024) << size.name;
    EXPECT_EQ(config.model.semantics, size.semantics);
    EXPECT_EQ(config.model.buckets, size.buckets) << size.name;
    EXPECT_EQ(config.model.chunk_length, size.chunk_length) << size.name;
    EXPECT_EQ(config.task.form, size.form) << size.name;
    EXPECT_EQ(config.task.source, DataSource::stream) << size.name;
    EXPECT_EQ(config.task.validation_rows, 1280) << size.name;
    // Of the published model only the start differs.
    train_under(published, "lsh-4");
    published.semantics = config.model.semantics;
    published.embedding_scale = config.model.embedding_scale;
    published.copy_gain = config.model.copy_gain;
    published.output_init = config.model.output_init;
    published.position_init = config.model.position_init;
    EXPECT_EQ(config.model, published) << size.name;
  }
}

TEST(Table2, OnlyFullAttentionOfFullSizeDecaysMore) {
  const RunConfig lsh = table2_config("full", "lsh-1", 1);
  EXPECT_EQ(lsh.train.optimizer, run_preset("full").train.optimizer);
  EXPECT_GT(table2_config("full", "full", 1).train.optimizer.weight_decay,
            lsh.train.optimizer.weight_decay);
}

TEST(Table2, FullAttentionUnderTheSeedReportsMeaningHasTheRateOfUsualLogits) {
  const auto rate = [](std::string_view size, std::string_view trained) {
    return table2_config(size, trained, 1).train.schedule.learning_rate;
  };
  EXPECT_EQ(rate("full-seed", "full"), rate("full", "full"));
  EXPECT_GT(rate("full-seed", "lsh-4"), rate("full-seed", "full"));
}

TEST(Table2, AnUnknownSizeNamesTheNearest) {
  try {
    table2_config("labtop", "full", 1);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'laptop'"), std::string::npos)
        << error.what();
  }
}

TEST(Table2Report, JsonHoldsEveryCell) {
  const nlohmann::ordered_json json = table2_json(smoke());
  EXPECT_EQ(json.at("cells").size(), 60U);
  const auto& cell = json.at("cells").at(0);
  EXPECT_EQ(cell.at("trained"), "full");
  EXPECT_EQ(cell.at("evaluated"), "full");
  EXPECT_EQ(cell.at("semantics"), "consistent");
  EXPECT_EQ(cell.at("sequences"), 128);
  EXPECT_EQ(cell.at("seed"), 1);
  EXPECT_EQ(cell.at("accuracy"), smoke().cells[0].loss.accuracy());
}

TEST(Table2Report, TextShowsOursBesideThePublishedOnes) {
  const std::string text = table2_text(smoke());
  EXPECT_NE(text.find("measured"), std::string::npos);
  EXPECT_NE(text.find(" 94.80 "), std::string::npos) << "a number of the paper";
  EXPECT_NE(text.find(" 46.54 "), std::string::npos) << "a number of the seed report";
  EXPECT_NE(text.find("with full_own=allowed"), std::string::npos);
  const std::string measured =
      fmt::format("{:6.2f}", 100 * smoke().at("lsh-1", "lsh-8", "consistent").loss.accuracy());
  EXPECT_NE(text.find(measured), std::string::npos);
}

TEST(Table2Report, CsvHasALineForEachCell) {
  const std::string csv = table2_csv(smoke());
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'),
            static_cast<long>(1 + smoke().cells.size() + smoke().switches.size()));
}

TEST(Table2Report, WritesFilesWhoseModelsLoad) {
  const auto directory = std::filesystem::path(testing::TempDir()) / "reformer_table2_report";
  std::filesystem::remove_all(directory);
  write_table2(smoke(), directory);
  EXPECT_EQ(read_file(directory / "table2.md"), table2_markdown(smoke()));
  EXPECT_EQ(read_file(directory / "table2.csv"), table2_csv(smoke()));
  EXPECT_EQ(nlohmann::json::parse(read_file(directory / "table2.json")),
            nlohmann::json(table2_json(smoke())));
  for (const TrainedModel& model : smoke().models) {
    const StoredModel stored = open_model(directory / "models" / (model.trained + ".safetensors"));
    EXPECT_EQ(stored.file.parameters, model.parameters) << model.trained;
    EXPECT_EQ(stored.file.config, model.config.model) << model.trained;
    EXPECT_EQ(stored.record.config.train, model.config.train) << model.trained;
    EXPECT_EQ(stored.record.steps_done, model.config.train.steps) << model.trained;
    EXPECT_EQ(stored.record.rotation_seed, evaluation_rotation_seed(model.config));
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace reformer
