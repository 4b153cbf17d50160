#include "reformer/experiment/kept_cells.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/experiment/study_model.h"
#include "reformer/experiment/table2.h"
#include "reformer/experiment/table2_report.h"
#include "reformer/model/parameters.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TrainedModel small_model(uint64_t seed = 5) {
  TrainedModel model;
  model.trained = "full";
  model.config = table2_config("smoke", "full", 1);
  model.config.task.validation_rows = 8;
  model.parameters = initial_parameters(model.config.model, seed);
  return model;
}

class KeptCellsOf : public testing::Test {
 protected:
  std::filesystem::path file() const { return directory_.path() / "evaluations/full.json"; }
  KeptCells kept() const { return {file(), origin_of_cells(model_.config, model_.parameters)}; }
  StudyModel study() { return {model_, pool_, file().parent_path(), "full"}; }

  TemporaryDirectory directory_;
  TrainedModel model_ = small_model();
  ThreadPool pool_{1};
};

TEST_F(KeptCellsOf, AStudyMakesOnlyWhatIsMissing) {
  const NamedSemantics consistent = named_preset("consistent");
  Cell full, lsh;
  {
    StudyModel study = this->study();
    full = study.evaluate("full", consistent, 3);
    lsh = study.evaluate("lsh-2", consistent, ~uint64_t{0});
    study.evaluate("lsh-2", consistent, 3, {.paper_shape = true});
    EXPECT_THAT(study.made(), SizeIs(3));
  }
  EXPECT_THAT(kept().cells(), SizeIs(2)) << "other surroundings have a file of their own";
  StudyModel study = this->study();
  EXPECT_EQ(to_json(study.evaluate("full", consistent, 3)), to_json(full));
  EXPECT_EQ(study.evaluate("full", consistent, 4).loss.loss, full.loss.loss) << "rotates nothing";
  EXPECT_EQ(to_json(study.evaluate("lsh-2", consistent, ~uint64_t{0})), to_json(lsh));
  study.evaluate("lsh-2", consistent, 3, {.paper_shape = true});
  EXPECT_THAT(study.made(), IsEmpty());
  study.evaluate("lsh-2", consistent, 4);
  study.evaluate("full", named_semantics("consistent, full_own=allowed"), 3);
  study.evaluate("lsh-2", consistent, ~uint64_t{0}, {.paper_shape = true});
  EXPECT_THAT(study.made(), SizeIs(3));
  EXPECT_NE(study.made()[2].loss.loss, lsh.loss.loss);
  EXPECT_THAT(kept().cells(), SizeIs(4));
}

TEST_F(KeptCellsOf, AnotherOriginIsNotTaken) {
  study().evaluate("full", named_preset("consistent"), 3);
  const std::string text = read_file(file());

  model_ = small_model(6);
  EXPECT_THAT(kept().cells(), IsEmpty()) << "other weights";
  model_ = small_model();
  model_.config.task.validation_rows = 9;
  EXPECT_THAT(kept().cells(), IsEmpty()) << "other examples";
  model_ = small_model();
  EXPECT_THAT(kept().cells(), SizeIs(1));
  for (const char* of : {"version", "commit", "simd"}) {
    auto json = nlohmann::ordered_json::parse(text);
    json[of] = "another";
    write_file_atomically(file(), json.dump());
    EXPECT_THAT(kept().cells(), IsEmpty()) << of;
  }
  study().evaluate("full", named_preset("consistent"), 3);
  EXPECT_EQ(read_file(file()), text);
}

TEST(CellFile, OtherTextIsRefused) {
  Cell cell;
  cell.trained = "full";
  cell.evaluated = "lsh-2";
  cell.semantics = "paper, full_own=replace";
  cell.sequences = 2;
  cell.loss = {.loss = 0.1, .correct = 1, .scored = 3};
  const std::string text = cell_file_text({{"1", "c", "AVX2", "m"}, {cell, cell}});
  const CellFile read = parse_cell_file(text, "f");
  EXPECT_EQ(cell_file_text(read), text);
  EXPECT_EQ(read.cells[1].loss.correct, 1);

  const auto why_not = [](const nlohmann::json& json) -> std::string {
    try {
      parse_cell_file(json.dump(), "full.json");
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  const auto whole = nlohmann::json::parse(text);
  struct Case {
    const char* place;
    nlohmann::json value;
    const char* message;
  };
  for (const Case& c :
       {Case{"/commit", 5, "[full.json: commit] expected text, found 5"},
        Case{"/more", 5, "[full.json] expected 4 columns, found 5"},
        Case{"/cells", 5, "[full.json] expected a list in 'cells', found 5"},
        Case{"/cells/1", 5, "[full.json: row 2 of 'cells'] expected an object, found 5"},
        Case{"/cells/1/more", 5, "row 2 of 'cells'] expected 10 columns, found 11"},
        Case{"/cells/1/rotation_seed", -1, "from 0 to 2^64 - 1, found -1"},
        Case{"/cells/1/accuracy", 1.5, "as accuracy, found 1.5 of 3"},
        Case{"/cells/1/accuracy", nullptr, "as accuracy, found nan of 3"},
        Case{"/cells/1/accuracy", 0.3, "the accuracy of 1 in 3 tokens, found 0.3"},
        Case{"/cells/1/scored", 0, "as accuracy, found 0.333"},
        Case{"/cells/1/scored", int64_t{1} << 60, "1 to 2^53 scored tokens"},
        Case{"/cells/1/semantics", "\x1b[2J", "found \"\\u001b[2J\""}}) {
    nlohmann::json changed = whole;
    changed[nlohmann::json::json_pointer(c.place)] = c.value;
    EXPECT_THAT(why_not(changed), HasSubstr(c.message)) << c.place;
  }
  for (const auto& item : whole.items()) {
    nlohmann::json changed = whole;
    changed.erase(item.key());
    EXPECT_THAT(why_not(changed), HasSubstr("'" + item.key() + "'"));
  }
  EXPECT_THAT(why_not(nlohmann::json::array()), HasSubstr("expected an object, found a list"));
}

// Ends the study after so many evaluations, as a signal would.
struct Stop : StudyObserver {
  explicit Stop(int64_t after) : left(after) {}
  void training_begins(std::string_view, int64_t) override {}
  void step_done(const StepReport&) override {}
  void training_ends(const TrainedModel&) override {}
  void evaluation_done(const Cell&, int64_t, int64_t) override {
    if (--left == 0) throw std::runtime_error("stopped");
  }
  int64_t left;
};

TEST(Table2Kept, AStoppedStudyGoesOnToTheSameTable) {
  const TemporaryDirectory directory;
  ThreadPool pool(2);
  std::vector<TrainedModel> models;
  for (const char* trained : {"full", "lsh-4", "lsh-2", "lsh-1"}) {
    TrainedModel model;
    model.trained = trained;
    model.config = table2_config("smoke", trained, 1);
    model.config.task.validation_rows = 8;
    model.parameters = initial_parameters(model.config.model, 5);
    models.push_back(std::move(model));
  }
  Stop never(0);
  Table2Options options{.size = "smoke", .rotations = 2};
  const Table2 whole = evaluate_table2(options, models, pool, never);
  // Of full attention one rotation seed; of LSH attention both, under three meanings each; of the
  // switches all but one, which together make another meaning.
  EXPECT_EQ(whole.made.size(), 4 * (3 + 3 * 4 * 2) + whole.switches.size() - 1);

  options.kept = directory.path() / "evaluations";
  Stop early(40);
  EXPECT_THROW(evaluate_table2(options, models, pool, early), std::runtime_error);
  const Table2 rest = evaluate_table2(options, models, pool, never);
  EXPECT_EQ(table2_json(rest), table2_json(whole));
  EXPECT_LT(rest.made.size(), whole.made.size());
  EXPECT_GT(rest.made.size(), whole.made.size() - 40);
  const Table2 again = evaluate_table2(options, models, pool, never);
  EXPECT_EQ(table2_json(again), table2_json(whole));
  EXPECT_TRUE(again.made.empty());
}

}  // namespace
}  // namespace reformer::test
