#include "reformer/experiment/discrepancy.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/experiment/discrepancy_report.h"
#include "reformer/experiment/model_source.h"
#include "reformer/experiment/study_runs.h"
#include "reformer/experiment/sweep_runner.h"
#include "reformer/experiment/switches.h"
#include "tests/experiment/stop.h"
#include "tests/support/temporary_directory.h"

namespace reformer {
namespace {

struct Count : StudyObserver {
  int64_t trainings = 0, evaluations = 0, announced = 0;
  void training_begins(std::string_view, int64_t) override { ++trainings; }
  void step_done(const StepReport&) override {}
  void training_ends(const TrainedModel&) override {}
  void evaluation_done(const Cell&, int64_t done, int64_t total) override {
    EXPECT_EQ(done, ++evaluations);
    announced = total;
  }
};

// Trains models and keeps them where DirectorySource finds them.
class KeptTraining : public ModelSource {
 public:
  KeptTraining(std::filesystem::path directory, TrainingSource source)
      : directory_(std::move(directory)), source_(source) {}
  std::optional<TrainedModel> model(std::string_view name, const RunConfig& config) override {
    std::optional<TrainedModel> made = source_.model(name, config);
    const std::filesystem::path path = study_model_path(directory_, name, config.train.seed);
    std::filesystem::create_directories(path.parent_path());
    save_trained(path, *made);
    return made;
  }

 private:
  std::filesystem::path directory_;
  TrainingSource source_;
};

// The study at its smallest with its models in a directory, made once for all tests.
struct Smoke {
  test::TemporaryDirectory directory;
  Count count;
  Discrepancy study;

  Smoke() {
    ThreadPool pool(2);
    KeptTraining source(directory.path(), {pool, count});
    study = run_discrepancy({.size = "smoke", .first_seed = 5}, source, pool, count);
  }
};
const Smoke& smoke() {
  static const Smoke made;
  return made;
}

Discrepancy from_directory(const std::filesystem::path& directory, int threads, int64_t seeds = 1) {
  ThreadPool pool(threads);
  Count count;
  DirectorySource source(directory);
  return run_discrepancy({.size = "smoke", .first_seed = 5, .seeds = seeds}, source, pool, count);
}

std::string message_of(const std::filesystem::path& directory) {
  try {
    from_directory(directory, 1);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Discrepancy, RunsEveryComparisonAndSuspect) {
  const Discrepancy& study = smoke().study;
  EXPECT_EQ(smoke().count.trainings, static_cast<int64_t>(discrepancy_models().size()));
  EXPECT_EQ(smoke().count.evaluations, smoke().count.announced);
  EXPECT_EQ(study.models.size(), discrepancy_models().size());
  EXPECT_EQ(study.comparisons.size(), comparisons().size());
  EXPECT_EQ(study.suspects.size(), suspects().size());
  EXPECT_TRUE(study.absent.empty());
  for (const Finding& finding : findings()) {
    EXPECT_TRUE(std::ranges::any_of(comparisons(), [&](const Comparison& comparison) {
      return comparison.finding == finding.key;
    })) << finding.key;
  }
}

TEST(Discrepancy, EachFlipIsOneSwitchOnTheSameWeights) {
  for (const ComparisonResult& result : smoke().study.comparisons) {
    const AttentionSemantics losing = named_semantics(result.plan.losing).semantics;
    const AttentionSemantics keeping = named_semantics(result.plan.keeping).semantics;
    const AttentionKind kind =
        result.plan.evaluated == "full" ? AttentionKind::full : AttentionKind::lsh;
    ASSERT_EQ(result.runs.size(), 1U);
    ASSERT_FALSE(result.runs[0].flips.empty());
    for (const FlippedCells& flipped : result.runs[0].flips) {
      for (const auto& [cell, from, to] :
           {std::tuple{flipped.breaks, keeping, losing}, {flipped.heals, losing, keeping}}) {
        EXPECT_EQ(cell.evaluated, result.plan.evaluated);
        const AttentionSemantics semantics = named_semantics(cell.semantics).semantics;
        const auto changed = differing_switches(from, semantics, kind);
        ASSERT_FALSE(changed.empty()) << cell.semantics;
        EXPECT_EQ(changed.back().name, flipped.name) << cell.semantics;
        for (const SemanticSwitch& s : differing_switches(to, semantics, kind)) {
          EXPECT_NE(s.name, flipped.name) << cell.semantics;
        }
      }
    }
  }
}

TEST(Discrepancy, CellsAreThoseOfTheModelUnderThatMeaning) {
  const ComparisonResult& result = smoke().study.comparisons.front();
  const std::string name(result.plan.model);
  RunConfig config = discrepancy_config("smoke", name, 5);
  DirectorySource source(smoke().directory.path());
  const std::optional<TrainedModel> model = source.model(name, config);
  ASSERT_TRUE(model.has_value());
  ThreadPool pool(1);
  CrossEvaluation evaluation(config, model->parameters, pool);
  const auto expect_same = [&](const Cell& cell) {
    const Cell again = evaluation.evaluate(cell.evaluated, named_semantics(cell.semantics),
                                           evaluation_rotation_seed(config));
    EXPECT_EQ(to_json(again), to_json(cell)) << cell.semantics;
  };
  expect_same(result.runs[0].losing);
  expect_same(result.runs[0].keeping);
  for (const FlippedCells& flipped : result.runs[0].flips) {
    expect_same(flipped.breaks);
    expect_same(flipped.heals);
  }
}

TEST(Discrepancy, EveryModelIsEvaluatedUnderEveryMeaning) {
  for (const StudiedModel& model : smoke().study.models) {
    ASSERT_EQ(model.meanings.size(), kMeaningAttentions.size() * semantics_names().size());
    const std::string own = model.config.model.semantics;
    if (const std::string name = attention_of(model.config.model, 0).name(); name == "full") {
      EXPECT_EQ(find_cell(model.meanings, name, name, own).loss.loss, model.own.loss.loss);
    }
    std::set<double> losses;
    for (const Cell& cell : model.meanings) losses.insert(cell.loss.loss);
    EXPECT_GE(losses.size(), semantics_names().size()) << "they are not one meaning";
  }
  const std::string text = discrepancy_text(smoke().study);
  const Cell& cell = find_cell(smoke().study.models.front().meanings, "full", "lsh-8", "trax");
  EXPECT_NE(text.find("Under every meaning"), std::string::npos);
  EXPECT_NE(text.find(fmt::format("{:.2f}", 100 * cell.loss.accuracy())), std::string::npos);
}

TEST(Discrepancy, SuspectsChangeWhatTheySay) {
  for (const SuspectResult& result : smoke().study.suspects) {
    const SuspectRun& run = result.runs.at(0);
    // Masks in another order are noticed only by a query that meets no key.
    if (result.plan.name == "order of the masks") {
      EXPECT_NE(run.usual[0].semantics, run.changed[0].semantics);
      continue;
    }
    const bool hashed = result.plan.evaluated != "full";
    EXPECT_EQ(run.changed.size(), hashed ? static_cast<size_t>(kSuspectRotations) : 1U);
    EXPECT_NE(run.usual[0].loss.loss, run.changed[0].loss.loss)
        << result.plan.name << ", " << result.plan.evaluated;
    if (!hashed) continue;
    EXPECT_NE(run.changed[0].loss.loss, run.changed[1].loss.loss) << result.plan.name;
  }
}

TEST(DiscrepancyDeterminism, KeptModelsGiveTheSameStudyForAnyNumberOfThreads) {
  const std::string expected = discrepancy_json(smoke().study).dump();
  for (const int threads : {1, 3}) {
    EXPECT_EQ(discrepancy_json(from_directory(smoke().directory.path(), threads)).dump(), expected)
        << threads << " threads";
  }
}

TEST(DiscrepancyDeterminism, AStoppedStudyGoesOnToTheSameResult) {
  const test::TemporaryDirectory directory;
  const std::vector<SweepMember> members = discrepancy_members("smoke", 5, 1);
  SweepObserver sweep;
  double now = 0;
  const RunClock clock{[&] { return now; }, [&] { return now += 0.5; }};
  run_members(members, directory.path(), {.jobs = 1, .threads = 2, .retries = 0}, clock, sweep);
  ThreadPool pool(2);
  RunSource source(directory.path());
  const DiscrepancyOptions options{.size = "smoke", .first_seed = 5, .directory = directory.path()};
  test::Stop early(100);
  EXPECT_THROW(run_discrepancy(options, source, pool, early), std::runtime_error);
  const auto kept = [&] {
    std::map<std::string, std::string> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(directory.path() / "seed-5/evaluations")) {
      files[entry.path().filename()] = read_file(entry.path());
    }
    return files;
  };
  const size_t begun = kept().size();
  EXPECT_GE(begun, 1U);
  Count count;
  EXPECT_EQ(discrepancy_json(run_discrepancy(options, source, pool, count)),
            discrepancy_json(smoke().study));
  EXPECT_EQ(count.trainings, 0);
  const auto files = kept();
  EXPECT_GT(files.size(), begun);
  EXPECT_TRUE(files.contains("consistent-full.jsonl"));
  EXPECT_TRUE(files.contains("consistent-full.paper-shape.jsonl"));
  EXPECT_TRUE(files.contains("repeated-full.training-rows.jsonl"));
  Count again;
  EXPECT_EQ(discrepancy_json(run_discrepancy(options, source, pool, again)),
            discrepancy_json(smoke().study));
  EXPECT_EQ(kept(), files) << "nothing is evaluated twice";
  EXPECT_TRUE(std::filesystem::exists(study_model_path(directory.path(), "seed-full", 5)));
}

TEST(Discrepancy, WhatNeedsAnAbsentModelIsLeftOut) {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path() / "seed-5");
  std::filesystem::copy_file(study_model_path(smoke().directory.path(), "seed-full", 5),
                             study_model_path(directory.path(), "seed-full", 5));
  const Discrepancy study = from_directory(directory.path(), 2, 2);
  EXPECT_EQ(study.models.size(), 1U);
  EXPECT_EQ(study.absent.size(), 2 * discrepancy_models().size() - 1);
  ASSERT_FALSE(study.comparisons.empty());
  for (const ComparisonResult& result : study.comparisons) {
    EXPECT_EQ(result.plan.model, "seed-full");
    EXPECT_EQ(result.runs.size(), 1U);
  }
  EXPECT_TRUE(study.suspects.empty());
  EXPECT_NE(discrepancy_text(study).find("consistent-full, seed 5"), std::string::npos);
}

TEST(Discrepancy, AModelOfAnotherKindIsRefused) {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path() / "seed-5");
  std::filesystem::copy_file(study_model_path(smoke().directory.path(), "seed-full", 5),
                             study_model_path(directory.path(), "consistent-full", 5));
  const std::string message = message_of(directory.path());
  EXPECT_NE(message.find("expected full attention, consistent semantics"), std::string::npos)
      << message;
  EXPECT_NE(message.find("found full attention, seed semantics"), std::string::npos) << message;
}

TEST(Discrepancy, NoModelsAreAnError) {
  const test::TemporaryDirectory directory;
  EXPECT_NE(message_of(directory.path()).find("expected at least one of the models"),
            std::string::npos);
  EXPECT_NE(message_of(directory.path() / "missing").find("expected a directory of models"),
            std::string::npos);
}

TEST(DiscrepancyPlan, ModelsDifferOnlyInWhatTheirNameSays) {
  for (const char* size : {"laptop", "full"}) {
    const RunConfig base = discrepancy_config(size, "consistent-full", 3);
    RunConfig seed = discrepancy_config(size, "seed-full", 3);
    EXPECT_EQ(seed.model.semantics, "seed");
    seed.model.semantics = base.model.semantics;
    EXPECT_EQ(seed.model, base.model);
    seed.train.steps = base.train.steps;  // it learns later
    EXPECT_EQ(seed.train, base.train);
    RunConfig norm = discrepancy_config(size, "pre-norm-full", 3);
    EXPECT_EQ(norm.model.norm, NormPosition::pre);
    norm.model.norm = base.model.norm;
    norm.model.final_norm = base.model.final_norm;
    EXPECT_EQ(norm.model, base.model);
    EXPECT_EQ(discrepancy_config(size, "repeated-full", 3).task.source, DataSource::dataset);
    EXPECT_EQ(base.task.source, DataSource::stream);
  }
  const RunConfig seed_lsh = discrepancy_config("laptop", "seed-lsh-4", 3);
  EXPECT_DOUBLE_EQ(seed_lsh.model.position_std, 8);
  EXPECT_DOUBLE_EQ(discrepancy_config("full", "seed-lsh-4", 3).model.position_std, 1)
      << "the published recipe";
}

TEST(DiscrepancyReport, TextShowsNumbersOfEveryFinding) {
  const std::string text = discrepancy_text(smoke().study);
  for (const Finding& finding : findings()) {
    EXPECT_NE(text.find(finding.title), std::string::npos) << finding.key;
  }
  const ComparisonRun& run = smoke().study.comparisons.front().runs[0];
  EXPECT_NE(text.find(fmt::format("{:.2f} +- 0.00", 100 * run.losing.loss.accuracy())),
            std::string::npos);
  EXPECT_NE(text.find("lsh_logit_scale"), std::string::npos);
  EXPECT_NE(text.find("Smaller suspects"), std::string::npos);
}

}  // namespace
}  // namespace reformer
