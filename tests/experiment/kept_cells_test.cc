#include "reformer/experiment/kept_cells.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/experiment/study_model.h"
#include "reformer/experiment/table2.h"
#include "reformer/experiment/table2_report.h"
#include "reformer/model/parameters.h"
#include "tests/experiment/stop.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

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
  std::filesystem::path file() const { return directory_.path() / "evaluations/full.jsonl"; }
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
    auto origin = nlohmann::ordered_json::parse(text.substr(0, text.find('\n')));
    origin[of] = "another";
    write_file_atomically(file(), origin.dump() + "\nits cells may be of another form\n");
    EXPECT_THAT(kept().cells(), IsEmpty()) << of;
  }
  study().evaluate("full", named_preset("consistent"), 3);
  EXPECT_EQ(read_file(file()), text) << "replaced";
}

TEST_F(KeptCellsOf, ALineThatWasCutIsMadeAgain) {
  const NamedSemantics consistent = named_preset("consistent");
  study().evaluate("full", consistent, 3);
  const size_t one = read_file(file()).size();
  study().evaluate("lsh-2", consistent, 3);
  const std::string whole = read_file(file());
  ASSERT_EQ(whole.substr(0, one).back(), '\n');
  write_file_atomically(file().parent_path() / ".9.1.tmp", "of a process that was killed");
  for (size_t length = 0; length < whole.size(); ++length) {
    write_file_atomically(file(), whole.substr(0, length));
    EXPECT_THAT(kept().cells(), SizeIs(length < one ? 0 : 1)) << length;
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(file().parent_path()), {}), 1);
  study().evaluate("lsh-2", consistent, 3);
  EXPECT_EQ(read_file(file()), whole);
}

TEST_F(KeptCellsOf, WhatCannotBeWrittenEndsTheStudy) {
  StudyModel study = this->study();
  study.evaluate("full", named_preset("consistent"), 3);
  std::filesystem::remove(file());
  EXPECT_THAT([&] { study.evaluate("lsh-2", named_preset("consistent"), 3); },
              ThrowsMessage<Error>(HasSubstr("full.jsonl] expected a writable file")));
}

TEST(CellFile, OtherTextIsRefused) {
  Cell cell;
  cell.trained = "full";
  cell.evaluated = "lsh-2";
  cell.semantics = "paper, full_own=replace";
  cell.sequences = 2;
  cell.loss = {.loss = 0.1, .correct = 1, .scored = 3};
  const CellOrigin origin{"1", "c", "AVX2", "m"};
  const std::vector<Cell> cells = {cell, cell};
  const std::string text = cell_file_text(origin, cells);
  const CellFile read = parse_cell_file(text, origin, "f");
  EXPECT_TRUE(read.whole);
  EXPECT_EQ(cell_file_text(origin, read.cells), text);
  EXPECT_EQ(read.cells[1].loss.correct, 1);

  const auto why_not = [&](const std::string& changed) -> std::string {
    try {
      parse_cell_file(changed, origin, "f");
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  for (const auto& [line, message] :
       {std::pair<std::string, std::string>{"5", "[f: line 1] expected an object, found 5"},
        {"{", "f: line 1"},
        {R"({"version":5})", "[f: line 1: version] expected text, found 5"},
        {R"({"version":"1","commit":"c"})", "[f: line 1] expected 'simd', found none"}}) {
    EXPECT_THAT(why_not(line + "\n"), HasSubstr(message));
  }
  const nlohmann::json row = nlohmann::json::parse(to_json(cell).dump());
  struct Case {
    const char* column;
    nlohmann::json value;
    const char* message;
  };
  for (const Case& c :
       {Case{"more", 5, "[f: line 4] expected 10 columns, found 11"},
        Case{"rotation_seed", -1, "from 0 to 2^64 - 1, found -1"},
        Case{"sequences", 0, "at least 1 sequence"}, Case{"lost_pairs", -1, "0 lost pairs"},
        Case{"seed", -1, "and seed 0, found 2, 0 and -1"},
        Case{"accuracy", 1.5, "as accuracy, found 1.5 of 3"},
        Case{"accuracy", nullptr, "as accuracy, found nan of 3"},
        Case{"accuracy", 0.3, "the accuracy of 1 in 3 tokens, found 0.3"},
        Case{"scored", 0, "as accuracy, found 0.333"},
        Case{"scored", int64_t{1} << 60, "1 to 2^53 scored tokens"},
        Case{"evaluated", "lsh-0", "expected attention such as"},
        Case{"trained", "\x1b[2J", "found \"\\u001b[2J\""},
        Case{"semantics", "\x1b[2J", "found \"\\u001b[2J\""}}) {
    nlohmann::json changed = row;
    changed[c.column] = c.value;
    const std::string message = why_not(text + changed.dump() + "\n");
    EXPECT_THAT(message, HasSubstr(c.message)) << c.column;
    EXPECT_THAT(message, HasSubstr("[f: line 4")) << c.column;
  }
  for (const auto& item : row.items()) {
    nlohmann::json changed = row;
    changed.erase(item.key());
    EXPECT_THAT(why_not(text + changed.dump() + "\n"), HasSubstr("'" + item.key() + "'"));
  }
}

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
