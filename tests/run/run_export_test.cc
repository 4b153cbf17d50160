#include "reformer/run/run_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <sstream>

#include "reformer/base/files.h"
#include "reformer/run/run_schema.h"
#include "reformer/run/run_writer.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// Columns of a table as the schema declares them.
std::string columns_of(const std::string& table) {
  std::istringstream schema{std::string(run_schema())};
  std::string columns;
  bool inside = false;
  for (std::string line; std::getline(schema, line);) {
    if (line.starts_with("CREATE TABLE " + table + " ")) {
      inside = true;
    } else if (inside && (line.starts_with(")") || line.starts_with("  PRIMARY KEY"))) {
      return columns;
    } else if (inside) {
      columns += (columns.empty() ? "" : ",") + line.substr(2, line.find(' ', 2) - 2);
    }
  }
  return "no such table";
}

class RunExport : public testing::Test {
 protected:
  RunExport() {
    RunState state;
    state.name = "lsh-4";
    state.seed = 42;
    state.steps = 3;
    state.created_at = 1.75e9;
    write_run_config(files_, run_preset("smoke"));
    RunWriter writer = RunWriter::create(files_.database(), state);
    for (int64_t step = 1; step <= 3; ++step) {
      StepMetrics metrics;
      metrics.step = step;
      metrics.loss = std::sqrt(static_cast<double>(step)) / 3;
      metrics.accuracy = 0.1 * static_cast<double>(step);
      metrics.gradient_norm = step == 2 ? std::nan("") : 5e-324;
      metrics.seconds = 0.5 * static_cast<double>(step);
      writer.add(metrics);
    }
    for (const uint64_t rotation_seed : {uint64_t{1}, ~uint64_t{42}}) {
      EvaluationRecord evaluation;
      evaluation.step = 3;
      evaluation.attention = "lsh-4";
      evaluation.semantics = "consistent";
      evaluation.rotation_seed = rotation_seed;
      evaluation.accuracy = 0.5;
      writer.add(evaluation);
    }
    writer.add(Event{0, 1.75e9, 1, EventLevel::warning, "skipped", "a, \"b\"\nc", ""});
    EXPECT_TRUE(writer.commit(1.75e9, 0));
  }

  TemporaryDirectory directory_;
  RunFiles files_{directory_.path()};
};

TEST_F(RunExport, CsvHasTheColumnsOfTheDatabase) {
  RunReader reader(files_.database());
  for (const auto& [table, name] : EnumNames<RunTable>::names) {
    const std::string csv = run_csv(reader, table);
    EXPECT_EQ(csv.substr(0, csv.find('\n')), columns_of(std::string(name)));
  }
}

TEST_F(RunExport, CsvNumbersReadBackToTheSameBits) {
  RunReader reader(files_.database());
  std::istringstream csv(run_csv(reader, RunTable::metrics));
  std::string line;
  std::getline(csv, line);
  for (const StepMetrics& m : reader.metrics()) {
    ASSERT_TRUE(std::getline(csv, line));
    std::vector<std::string> cells;
    std::istringstream cells_of(line);
    for (std::string cell; std::getline(cells_of, cell, ',');) cells.push_back(cell);
    EXPECT_EQ(cells.at(0), std::to_string(m.step));
    EXPECT_EQ(std::strtod(cells.at(1).c_str(), nullptr), m.loss);
    EXPECT_EQ(std::strtod(cells.at(2).c_str(), nullptr), m.accuracy);
    if (std::isnan(m.gradient_norm)) {
      EXPECT_EQ(cells.at(5), "");
    } else {
      EXPECT_EQ(std::strtod(cells.at(5).c_str(), nullptr), m.gradient_norm);
    }
  }
  EXPECT_FALSE(std::getline(csv, line));
}

TEST_F(RunExport, CsvQuotesText) {
  RunReader reader(files_.database());
  EXPECT_THAT(run_csv(reader, RunTable::events), HasSubstr(",\"a, \"\"b\"\"\nc\",\n"));
  EXPECT_THAT(run_csv(reader, RunTable::evaluations), HasSubstr(",18446744073709551573,"));
}

TEST_F(RunExport, JsonHoldsAllOfTheRun) {
  RunReader reader(files_.database());
  const auto document = nlohmann::json::parse(run_json(files_, reader));
  EXPECT_EQ(document["config"]["model"]["length"], run_preset("smoke").model.length);
  EXPECT_EQ(document["run"]["name"], "lsh-4");
  ASSERT_EQ(document["metrics"].size(), 3u);
  EXPECT_EQ(document["metrics"][1]["loss"], std::sqrt(2.0) / 3);
  EXPECT_TRUE(document["metrics"][1]["gradient_norm"].is_null());
  EXPECT_EQ(document["evaluations"].size(), 2u);
  EXPECT_EQ(document["events"][0]["message"], "a, \"b\"\nc");
  EXPECT_EQ(document["sessions"].size(), 0u);
}

TEST_F(RunExport, EventFilesHaveACurveForEachMeasuredColumn) {
  RunReader reader(files_.database());
  const std::string bytes = run_event_file(reader);
  for (const char* tag : {"train/loss", "train/accuracy", "train/gradient_norm",
                          "validation/lsh-4/consistent/accuracy",
                          "validation/lsh-4/consistent/data-0-rotation-18446744073709551573-"
                          "sequences-0/accuracy"}) {
    EXPECT_THAT(bytes, HasSubstr(tag));
  }
  EXPECT_THAT(bytes, Not(HasSubstr("hash_recall"))) << "nothing was measured";
  const float loss = static_cast<float>(std::sqrt(3.0) / 3);
  EXPECT_THAT(bytes, HasSubstr("train/loss\x15" +
                               std::string(reinterpret_cast<const char*>(&loss), sizeof loss)));
  EXPECT_EQ(bytes, run_event_file(reader));
  EXPECT_EQ(event_file_name(reader.state()), "events.out.tfevents.1750000000.reformer");
}

}  // namespace
}  // namespace reformer::test
