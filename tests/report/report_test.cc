#include "reformer/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/experiment/spread.h"
#include "reformer/report/attention_part.h"
#include "reformer/report/chart.h"
#include "reformer/report/markdown.h"
#include "reformer/report/page.h"
#include "reformer/report/run_part.h"
#include "reformer/run/run_export.h"
#include "reformer/run/sqlite.h"
#include "tests/report/results.h"
#include "tests/run/small_training.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

class ReportTest : public SmallTrainingTest {
 protected:
  void train(const fs::path& name) {
    Watcher watcher;
    begin(small_training(), directory_.path() / name)->train(watcher);
  }
  Report made(CurveEncoding encoding = CurveEncoding::numbers) {
    return make_report({directory_.path()}, encoding);
  }
};

TEST_F(ReportTest, ShowsWhatTheDatabaseHolds) {
  train("a");
  const auto document = made().document;
  ASSERT_EQ(document["runs"].size(), 1u);
  const auto& run = document["runs"][0];
  EXPECT_EQ(run["name"], "a");
  EXPECT_EQ(run["status"], "finished");
  EXPECT_EQ(run["config"]["train"]["batch"], 5);
  RunReader reader((directory_.path() / "a" / "run.db"));
  const auto metrics = reader.metrics();
  ASSERT_EQ(run["curves"]["loss"]["statistics"]["last"].size(), metrics.size());
  for (size_t i = 0; i < metrics.size(); ++i) {
    EXPECT_EQ(run["curves"]["loss"]["statistics"]["last"][i], metrics[i].loss);
    EXPECT_EQ(run["curves"]["gradient_norm"]["statistics"]["last"][i], metrics[i].gradient_norm);
  }
  const auto evaluations = reader.evaluations();
  ASSERT_EQ(run["evaluations"][0]["steps"].size(), evaluations.size());
  EXPECT_EQ(run["evaluations"][0]["accuracy"].back(), evaluations.back().accuracy);
  EXPECT_EQ(document["task"]["inputs"].size(), 32u);
}

TEST_F(ReportTest, WhatIsMeasuredNowAndThenHasNoGaps) {
  RunConfig config = small_training();
  config.train.steps = 2 * Trainer::kEntropyEvery;
  Watcher watcher;
  begin(config, directory_.path() / "a")->train(watcher);
  const auto document = made().document;
  const auto& entropy = document["runs"][0]["curves"]["attention_entropy"];
  ASSERT_EQ(entropy["statistics"]["last"].size(), 2u);
  for (const auto& value : entropy["statistics"]["last"]) EXPECT_TRUE(value.is_number());
}

TEST_F(ReportTest, NamesNoHostAndNoProcess) {
  train("a");
  const std::string text = made().document.dump();
  EXPECT_THAT(text, Not(HasSubstr("\"host\"")));
  EXPECT_THAT(text, Not(HasSubstr("\"pid\"")));
  EXPECT_THAT(text, Not(HasSubstr(directory_.path().string())));
}

TEST_F(ReportTest, WhatCannotBeReadIsNamedAndLeftOut) {
  train("good");
  train("no-config");
  train("damaged");
  fs::remove(directory_.path() / "no-config/config.json");
  write_file_atomically(directory_.path() / "damaged/run.db", "not a database");
  write_file_atomically(directory_.path() / "table2.json", "{\"study\": \"table2\", \"seed\": 1}");
  write_file_atomically(directory_.path() / "half.json", "{\"study\": ");
  write_file_atomically(directory_.path() / "foreign.json", "{\"something\": \"else\"}");
  const Report report = made();
  EXPECT_EQ(report.document["runs"].size(), 1u);
  std::vector<std::string> names;
  for (const ReportProblem& problem : report.problems) names.push_back(problem.name);
  EXPECT_THAT(names,
              testing::UnorderedElementsAre("no-config", "damaged", "table2.json", "half.json"));
  EXPECT_EQ(report.document["problems"].size(), 4u);
  EXPECT_THAT(report.document.dump(), Not(HasSubstr(directory_.path().string())));
}

TEST_F(ReportTest, NothingToShowIsAMistake) {
  EXPECT_THROW(made(), Error);
  EXPECT_THROW(make_report({directory_.path() / "nowhere"}, CurveEncoding::packed), Error);
}

TEST_F(ReportTest, ARunIsFoundOnceHoweverItIsNamed) {
  train("a");
  const Report report =
      make_report({directory_.path(), directory_.path() / "a"}, CurveEncoding::packed);
  EXPECT_EQ(report.document["runs"].size(), 1u);
}

TEST_F(ReportTest, RunsOfDirectoriesThatAreCalledAlikeHaveNamesOfTheirOwn) {
  train("a/runs/x");
  train("b/runs/x");
  const Report report = make_report({directory_.path() / "a/runs", directory_.path() / "b/runs"},
                                    CurveEncoding::packed);
  EXPECT_EQ(report.document["runs"][0]["name"], "runs/x");
  EXPECT_EQ(report.document["runs"][1]["name"], "runs/x (2)");
}

// One that was passed on says what its directory says.
TEST_F(ReportTest, AnExportedRunIsShownAsItsDirectory) {
  train("a");
  const RunFiles files{directory_.path() / "a"};
  RunReader reader(files.database());
  TemporaryDirectory exported;
  write_file_atomically(exported.path() / "a.run.json",
                        run_json(files, reader, Whereabouts::left_out));
  const ordered_json expected = made().document;
  const ordered_json found = make_report({exported.path()}, CurveEncoding::numbers).document;
  EXPECT_EQ(found, expected);
  const ordered_json alone =
      make_report({exported.path() / "a.run.json"}, CurveEncoding::numbers).document;
  EXPECT_EQ(alone, expected);
}

TEST_F(ReportTest, AnExportedRunHasNoPicturesOfAttention) {
  train("a");
  const RunFiles files{directory_.path() / "a"};
  RunReader reader(files.database());
  const fs::path file = directory_.path() / "b.run.json";
  write_file_atomically(file, run_json(files, reader));
  Report report = make_report({file}, CurveEncoding::packed);
  add_attention(report, find_report_sources({file}).runs, {0});
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0].name, "b");
  EXPECT_THAT(report.problems[0].message, HasSubstr("try the directory of the run"));
}

TEST_F(ReportTest, ARunThatNobodyTrainsAnyMoreWasKilled) {
  train("a");
  internal::Sqlite database(directory_.path() / "a/run.db", internal::Sqlite::Mode::write);
  database.execute("UPDATE run SET status = 'running'");
  EXPECT_EQ(made().document["runs"][0]["status"], "killed");
}

// A name from outside is data, whatever it holds.
TEST_F(ReportTest, NoNameEndsTheElementItLiesIn) {
  train("</script><script>alert(1)<!--");
  const std::string page = report_html(made(CurveEncoding::packed).document);
  EXPECT_THAT(page, HasSubstr("\\u003c"));
  EXPECT_THAT(page, Not(HasSubstr("alert(1)<!--")));
  EXPECT_THAT(page, Not(HasSubstr("</script>\\u003cscript")));
  const std::string markdown = report_markdown(made().document);
  const size_t commands = markdown.find("\n## Run it again\n");
  EXPECT_THAT(markdown.substr(0, commands), Not(HasSubstr("<script>")));
  EXPECT_THAT(markdown.substr(commands), HasSubstr("\n```sh\nreformer train"));
}

TEST_F(ReportTest, NoNameEndsTheCommandsOfMarkdown) {
  train("a\n```\n<b>");
  const std::string markdown = report_markdown(made().document);
  EXPECT_THAT(markdown, HasSubstr("\n````sh\nreformer train"));
  EXPECT_TRUE(markdown.ends_with("\n````\n"));
}

TEST_F(ReportTest, MarkdownHasTheTaskAndTheCommands) {
  train("a");
  const ordered_json document = made().document;
  const std::string markdown = report_markdown(document);
  const ordered_json& task = document["task"];
  EXPECT_THAT(markdown, HasSubstr("- first half, read: `" + task["inputs"][0].dump() + " " +
                                  task["inputs"][1].dump() + " "));
  EXPECT_THAT(markdown,
              HasSubstr("A sequence of 32 tokens says the same word twice. Only the 16 predictions "
                        "at positions 16 to 31 count: each is found exactly 15 positions back."));
  EXPECT_THAT(markdown,
              HasSubstr("```sh\n" + document["runs"][0]["command"].get<std::string>() + "\n```\n"));
}

// An evaluation under another meaning of the same attention is not the run's accuracy.
TEST_F(ReportTest, MarkdownHasTheAccuracyUnderTheMeaningOfTraining) {
  train("a");
  ordered_json document = made().document;
  ordered_json& evaluations = document["runs"][0]["evaluations"];
  ordered_json other = evaluations[0];
  evaluations[0]["accuracy"].back() = 0.25;
  other["semantics"] = "seed";
  other["accuracy"].back() = 0.75;
  evaluations.insert(evaluations.begin(), other);
  EXPECT_THAT(report_markdown(document), HasSubstr("25.00"));
  EXPECT_THAT(report_markdown(document), Not(HasSubstr("75.00")));
}

// The part of results/ that a file of that name made.
const ordered_json& part_of(const ordered_json& parts, std::string_view name) {
  for (const ordered_json& part : parts) {
    if (part["name"] == name) return part;
  }
  throw std::logic_error("no part " + std::string(name) + " in " + parts.dump().substr(0, 1000));
}

// Files under results/ that say this.
size_t files_with(std::string_view text) {
  size_t found = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kResults)) {
    if (entry.path().extension() != ".json") continue;
    found += read_file(entry.path()).find(text) != std::string::npos ? 1 : 0;
  }
  return found;
}

TEST(Results, AreFoundAndRead) {
  const auto document = make_report({kResults}, CurveEncoding::numbers).document;
  EXPECT_EQ(document["problems"].size(), 0u) << document["problems"];
  EXPECT_EQ(document["tables"].size(), files_with(R"("study": "table2)"));
  EXPECT_EQ(document["discrepancies"].size(), files_with(R"("study": "discrepancy")"));
  EXPECT_EQ(document["speeds"].size(), files_with(R"("kernels": [)"));
  EXPECT_EQ(document["runs"].size(), files_with(R"("sessions": [)"));
  for (const char* part : {"tables", "discrepancies", "speeds", "runs"}) {
    EXPECT_FALSE(document[part].empty()) << part;
  }
  const auto file = nlohmann::json::parse(read_file(kResults / "table2-laptop/table2.json"));
  const auto& table = part_of(document["tables"], "table2-laptop/table2.json");
  EXPECT_EQ(table["size"], "laptop");
  EXPECT_EQ(table["tables"][0]["cells"][0][1]["mean"], file["cells"][1]["accuracy"]);
  for (const auto& study : document["discrepancies"]) {
    EXPECT_EQ(study["comparisons"].size(), 10u) << study["name"];
  }
}

TEST(Results, ShowWhatEachSwitchDoes) {
  const auto document = make_report({kResults}, CurveEncoding::numbers).document;
  const auto file = nlohmann::json::parse(read_file(kResults / "table2-laptop/table2.json"));
  const auto& switches = part_of(document["tables"], "table2-laptop/table2.json")["switches"];
  ASSERT_EQ(switches.size(), file["switches"].size());
  EXPECT_EQ(switches[0]["base"], "consistent");
  EXPECT_EQ(switches[0]["changes"], "lsh_logit_scale=inverse-sqrt-dim");
  EXPECT_EQ(switches[0]["after"]["mean"], file["switches"][0]["accuracy"]);
  const auto& before = *std::ranges::find_if(file["cells"], [](const auto& cell) {
    return cell["trained"] == "full" && cell["evaluated"] == "lsh-8" &&
           cell["semantics"] == "consistent";
  });
  EXPECT_EQ(switches[0]["before"]["mean"], before["accuracy"]);
  const std::string text = report_markdown(document);
  EXPECT_THAT(text, HasSubstr("What one switch does to the same weights"));
  EXPECT_THAT(text, HasSubstr("full\\_own=allowed"));
}

// A meaning that the table does not have stands among the switches; studies over seeds have both
// numbers in a row.
TEST(Results, SwitchesNameWhatTheyChange) {
  const TemporaryDirectory directory;
  auto file = nlohmann::json::parse(read_file(kResults / "table2-laptop/table2.json"));
  auto cell = file["switches"][0];
  cell["semantics"] = "trax";
  cell["accuracy"] = 0.25;
  file["switches"].push_back(cell);
  cell["semantics"] = "trax, full_own=allowed";
  cell["accuracy"] = 0.5;
  file["switches"].push_back(cell);
  std::ofstream(directory / "table2.json") << file;
  std::filesystem::create_directories(directory.path() / "seeds");
  auto seeds = nlohmann::json::parse(read_file(kResults / "table2-laptop-seeds/table2-seeds.json"));
  const nlohmann::json spread = {
      {"mean", 0.5}, {"lowest", 0.4}, {"highest", 0.6}, {"deviation", 0.1}};
  seeds["switches"] = {{{"trained", "full"},
                        {"evaluated", "lsh-8"},
                        {"base", "seed"},
                        {"changes", "lsh_key_norm=none"},
                        {"before", spread},
                        {"after", spread}}};
  std::ofstream(directory.path() / "seeds/table2-seeds.json") << seeds;
  auto document = make_report({directory.path()}, CurveEncoding::numbers).document;
  EXPECT_EQ(document["problems"].size(), 0u) << document["problems"];
  const auto& last = part_of(document["tables"], "table2.json")["switches"].back();
  EXPECT_EQ(last["base"], "trax");
  EXPECT_EQ(last["before"]["mean"], 0.25);
  EXPECT_EQ(last["after"]["mean"], 0.5);
  EXPECT_EQ(
      part_of(document["tables"], "seeds/table2-seeds.json")["switches"][0]["after"]["highest"],
      0.6);

  file["switches"].push_back(cell);
  file["switches"].back()["semantics"] = "huggingface, full_own=allowed";
  std::ofstream(directory / "table2.json") << file;
  document = make_report({directory.path()}, CurveEncoding::numbers).document;
  ASSERT_EQ(document["problems"].size(), 1u);
  EXPECT_THAT(document["problems"][0]["message"].get<std::string>(),
              HasSubstr("expected a cell under huggingface semantics"));
}

TEST(Results, ShowModelsUnderEveryMeaning) {
  const TemporaryDirectory directory;
  auto file = nlohmann::json::parse(read_file(kResults / "discrepancy-laptop/discrepancy.json"));
  auto& models = file["models"];
  ASSERT_EQ(models[0]["name"], "consistent-full");
  for (auto& model : models) {
    if (model["name"] != "consistent-full") continue;
    for (const std::string& meaning : semantics_names()) {
      auto cell = model["own"];
      cell["semantics"] = meaning;
      cell["accuracy"] = meaning == "trax" ? 0.01 * model["seed"].get<double>() : 0.5;
      model["meanings"].push_back(cell);
    }
  }
  std::ofstream(directory / "discrepancy.json") << file;
  const auto document = make_report({directory.path()}, CurveEncoding::numbers).document;
  const auto& meanings = document["discrepancies"][0]["meanings"];
  ASSERT_EQ(meanings.size(), 1u) << document["problems"];
  EXPECT_EQ(meanings[0]["model"], "consistent-full");
  EXPECT_EQ(meanings[0]["evaluated"], "full");
  EXPECT_NEAR(meanings[0]["cells"]["trax"]["mean"].get<double>(), 0.02, 1e-12);  // seeds 1 to 3
  EXPECT_NEAR(meanings[0]["cells"]["trax"]["highest"].get<double>(), 0.03, 1e-12);
  EXPECT_THAT(report_markdown(document), HasSubstr("2.00 [1.00, 3.00]"));
}

TEST(Results, SayHowToMakeThemAgain) {
  const auto document = make_report({kResults}, CurveEncoding::numbers).document;
  const ordered_json& tables = document["tables"];
  EXPECT_EQ(part_of(tables, "table2-full/table2.json")["command"],
            "reformer experiment table2 --size full --seed 1 --out out");
  EXPECT_EQ(part_of(tables, "table2-laptop/table2.json")["command"],
            "reformer experiment table2 --size laptop --seed 1 --out out");
  EXPECT_EQ(part_of(tables, "table2-laptop-seeds/table2-seeds.json")["command"],
            "reformer experiment table2 --seed 1 --seeds 10 --out out");
  const ordered_json& discrepancies = document["discrepancies"];
  EXPECT_EQ(part_of(discrepancies, "discrepancy-laptop/discrepancy.json")["command"],
            "reformer experiment discrepancy --size laptop --seed 1 --seeds 3 --out out");
  EXPECT_EQ(part_of(discrepancies, "discrepancy-full/discrepancy.json")["command"],
            "reformer experiment discrepancy --size full --seed 42 --seeds 1 --out out");
  EXPECT_EQ(part_of(document["speeds"], "bench/seed.json")["command"],
            "reformer bench --size seed --repeats 5 --threads 2 --json");
}

// What stands first is what the models were trained for.
TEST(Results, TablesOfModelsTrainedUnderAPublishedMeaningAreNamedForIt) {
  const TemporaryDirectory directory;
  auto file = nlohmann::json::parse(read_file(kResults / "table2-laptop/table2.json"));
  file["size"] = "full-seed";
  for (auto& model : file["models"]) model["config"]["model"]["semantics"] = "seed";
  std::ofstream(directory / "table2.json") << file;
  const auto document = make_report({directory.path()}, CurveEncoding::numbers).document;
  ASSERT_EQ(document["tables"].size(), 1u) << document["problems"];
  EXPECT_EQ(document["tables"][0]["trained_under"], "seed");
  const std::string svg = chart_svg(document, "table");
  EXPECT_THAT(
      svg, HasSubstr(">Measured, full-seed size (128 tokens), trained under seed, seed 1</text>"));
  // LSH-1 evaluated as LSH-1 with what the seed report's program means: 37.68 %.
  EXPECT_THAT(svg, HasSubstr(">37.68</text>"));
  EXPECT_THAT(svg, Not(HasSubstr(">99.48</text>")));
}

TEST(Results, UnderTheirOwnMeaningSayHowToMakeThemAgain) {
  auto file = nlohmann::json::parse(read_file(kResults / "table2-laptop/table2.json"));
  auto own = nlohmann::json::array();
  for (const auto& cell : file["cells"]) {
    if (cell["semantics"] == "consistent") own.push_back(cell);
  }
  file["cells"] = own;
  file["more_rotations"] = own;
  const TemporaryDirectory directory;
  std::ofstream(directory / "table2.json") << file;
  const auto document = make_report({directory.path()}, CurveEncoding::numbers).document;
  ASSERT_EQ(document["tables"].size(), 1u) << document["problems"];
  EXPECT_EQ(
      document["tables"][0]["command"],
      "reformer experiment table2 --size laptop --seed 1 --rotations 2 --own-meaning --out out");
}

// A cell of today has a spread over training seeds and one over rotation seeds.
TEST(Results, OverSeedsAreReadInBothForms) {
  auto file = nlohmann::json::parse(read_file(kResults / "table2-laptop-seeds/table2-seeds.json"));
  for (auto& cell : file["cells"]) {
    cell = {{"trained", cell["trained"]},
            {"evaluated", cell["evaluated"]},
            {"semantics", cell["semantics"]},
            {"over_training", cell},
            {"over_rotations", {{"mean", 0.5}}}};
  }
  const TemporaryDirectory directory;
  std::ofstream(directory / "table2-seeds.json") << file;
  const auto now = make_report({directory.path()}, CurveEncoding::numbers).document;
  const auto then =
      make_report({kResults / "table2-laptop-seeds"}, CurveEncoding::numbers).document;
  EXPECT_EQ(now["problems"].size(), 0u) << now["problems"];
  ASSERT_EQ(now["tables"].size(), 1u);
  EXPECT_EQ(now["tables"][0]["tables"], then["tables"][0]["tables"]);
}

// What a seed's number would be is known to lie within the interval that the study itself computes.
TEST(Results, OverSeedsHaveTheIntervalOfTheStudy) {
  const std::vector<double> accuracies = {0.5, 0.75, 0.625};
  const Spread spread = spread_of(accuracies);
  const nlohmann::json file = {{"study", "table2 over seeds"},
                               {"size", "full"},
                               {"seeds", {1, 2, 3}},
                               {"cells",
                                {{{"trained", "full"},
                                  {"evaluated", "lsh-8"},
                                  {"semantics", "consistent"},
                                  {"over_training", to_json(spread)}}}}};
  const TemporaryDirectory directory;
  std::ofstream(directory / "table2-seeds.json") << file;
  const auto document = make_report({directory.path()}, CurveEncoding::numbers).document;
  ASSERT_EQ(document["tables"].size(), 1u) << document["problems"];
  EXPECT_EQ(document["tables"][0]["size"], "full");
  const auto& cell = document["tables"][0]["tables"][0]["cells"][0][1];
  EXPECT_EQ(cell["interval"], nlohmann::json({spread.interval_low, spread.interval_high}));
}

TEST(Results, OfAFullSizeStandBesideThoseOfALaptop) {
  const TemporaryDirectory directory;
  fs::create_directories(directory / "table2-full");
  auto file = nlohmann::json::parse(read_file(kResults / "table2-laptop/table2.json"));
  file["size"] = "full";
  for (auto& model : file["models"]) model["config"]["model"]["length"] = 1024;
  std::ofstream(directory / "table2-full/table2.json") << file;
  fs::create_directories(directory / "discrepancy-full");
  auto study = nlohmann::json::parse(read_file(kResults / "discrepancy-laptop/discrepancy.json"));
  study["size"] = "full";
  std::ofstream(directory / "discrepancy-full/discrepancy.json") << study;
  const auto document =
      make_report({kResults / "table2-laptop", kResults / "discrepancy-laptop", directory.path()},
                  CurveEncoding::numbers)
          .document;
  EXPECT_EQ(document["problems"].size(), 0u) << document["problems"];
  ASSERT_EQ(document["tables"].size(), 2u);
  EXPECT_EQ(document["tables"][1]["size"], "full");
  EXPECT_EQ(document["tables"][1]["length"], 1024);
  ASSERT_EQ(document["discrepancies"].size(), 2u);
  EXPECT_EQ(document["discrepancies"][1]["size"], "full");
  const std::string text = report_markdown(document);
  EXPECT_THAT(text, HasSubstr("full size \\(1024 tokens\\), seed 1, consistent"));
  EXPECT_THAT(text, HasSubstr("laptop size \\(128 tokens\\), seed 1, consistent"));
  EXPECT_THAT(text, HasSubstr("full size: "));
  const std::string svg = chart_svg(document, "table");
  EXPECT_THAT(svg, HasSubstr(">Measured, full size (1024 tokens), seed 1</text>"));
  EXPECT_THAT(svg, HasSubstr(">Measured, laptop size (128 tokens), seed 1</text>"));
}

TEST(Results, MarkdownHasTheVerdicts) {
  const std::string text =
      report_markdown(make_report({kResults}, CurveEncoding::numbers).document);
  EXPECT_THAT(text, HasSubstr("lsh\\_logit\\_scale"));
  EXPECT_THAT(text, HasSubstr("paper, Table 2"));
  EXPECT_THAT(text, HasSubstr("in brackets the lowest and the highest seed.\n\n|"));
  EXPECT_THAT(text, HasSubstr("reformer experiment table2 --seed 1 --seeds 10 --out out\n"));
}

// One of fifty runs: 150,000 steps that compress badly, evaluations under five attentions and more
// warnings than there is room for. scripts/check_large_report.sh makes such a report.
class SizeTest : public ReportTest {
 protected:
  void SetUp() override {
    train("a");
    internal::Sqlite database(directory_.path() / "a/run.db", internal::Sqlite::Mode::write);
    database.execute("DELETE FROM metrics");
    database.execute(
        "WITH RECURSIVE steps(step) AS (SELECT 1 UNION ALL SELECT step + 1 FROM steps WHERE step < "
        "150000), noise AS (SELECT step, abs(random() % 1000000) / 1e6 AS x FROM steps) INSERT "
        "INTO "
        "metrics (step, loss, accuracy, learning_rate, momentum, gradient_norm, lost_pairs, "
        "hash_recall, attention_entropy, applied, seconds, steps_per_second) SELECT step, x, x, x, "
        "x, x, CAST(100 * x AS INTEGER), x, x, 1, step * 0.01, x FROM noise");
    database.execute("DELETE FROM evaluations WHERE step < 6");
    database.execute(
        "WITH RECURSIVE steps(step) AS (SELECT 500 UNION ALL SELECT step + 500 FROM steps WHERE "
        "step < 150000), kinds(attention) AS (VALUES ('full'), ('lsh-1'), ('lsh-4'), ('lsh-8')) "
        "INSERT INTO evaluations (step, attention, semantics, sequences, scored, loss, accuracy, "
        "lost_pairs, hash_recall, attention_entropy, seconds, data_seed, rotation_seed) SELECT "
        "steps.step, kinds.attention, semantics, sequences, scored, abs(random() % 1000000) / 1e6, "
        "accuracy, lost_pairs, hash_recall, attention_entropy, seconds, data_seed, rotation_seed "
        "FROM evaluations, steps, kinds");
    database.execute(
        "WITH RECURSIVE steps(step) AS (SELECT 1 UNION ALL SELECT step + 1 FROM steps WHERE step < "
        "119) INSERT INTO events (time, step, level, kind, message) SELECT 1e9, step, CASE step "
        "WHEN 7 THEN 'error' ELSE 'warning' END, 'gradient', printf('%095d', step) FROM steps");
  }
  ordered_json part(size_t runs, CurveEncoding encoding = CurveEncoding::packed) {
    return run_part({"a", directory_.path() / "a"}, {bytes_for(runs), encoding});
  }
};

TEST_F(SizeTest, FiftyLongRunsWithManyEventsShareTwoMegabytes) {
  constexpr size_t kPage = 250'000;
  const ordered_json run = part(50);
  EXPECT_LT(50 * run.dump().size() + kPage, 2'000'000u);
  EXPECT_GT(50 * run.dump().size() + kPage, 1'500'000u);  // the room is used
  EXPECT_LT(run["curves"]["loss"]["width"], 500);
  EXPECT_EQ(part(50, CurveEncoding::numbers)["curves"]["loss"]["width"],
            run["curves"]["loss"]["width"]);
}

TEST_F(SizeTest, OfManyEventsTheSeverestAndNewestAreKept) {
  const ordered_json run = part(50);
  const ordered_json& events = run["events"];
  ASSERT_GE(events.size(), 10u);
  EXPECT_EQ(events.front()["level"], "error");
  for (size_t i = 1; i < events.size(); ++i) {
    EXPECT_EQ(events[i]["step"], 119 - (events.size() - 1 - i));
  }
  EXPECT_EQ(run["events_left_out"]["warning"], 119 - events.size());
  EXPECT_FALSE(run["events_left_out"].contains("error"));
  EXPECT_EQ(part(1)["events"].size(), 100u);  // however much room there is
}

}  // namespace
}  // namespace reformer::test
