#include "reformer/run/run_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <sstream>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/exported_run.h"
#include "reformer/run/record_json.h"
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

std::string why_not(const std::string& text) {
  try {
    parse_exported_run(text, "a.run.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
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
    Session session;
    session.pid = 7;
    session.host = "a machine";
    session.cpu = "a processor";
    writer.begin_session(session);
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
  EXPECT_EQ(document["sessions"][0]["host"], "a machine");
}

TEST_F(RunExport, JsonReadsBackToTheSameRun) {
  RunReader reader(files_.database());
  const std::string text = run_json(files_, reader);
  const ExportedRun run = parse_exported_run(text, "a.run.json");
  EXPECT_EQ(to_json(run.config), to_json(run_preset("smoke")));
  EXPECT_TRUE(run.written_by.contains("host"));
  const RunRecords records = reader.records();
  EXPECT_EQ(to_json(run.records.state), to_json(records.state));
  const auto expect_equal = [](const auto& rows, const auto& expected) {
    ASSERT_EQ(rows.size(), expected.size());
    for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(to_json(rows[i]), to_json(expected[i]));
  };
  expect_equal(run.records.sessions, records.sessions);
  expect_equal(run.records.metrics, records.metrics);
  expect_equal(run.records.evaluations, records.evaluations);
  expect_equal(run.records.events, records.events);
}

TEST_F(RunExport, JsonToBePassedOnNamesNoMachine) {
  RunReader reader(files_.database());
  const auto document = nlohmann::json::parse(run_json(files_, reader, Whereabouts::left_out));
  EXPECT_FALSE(document["config"]["written_by"].contains("host"));
  ASSERT_EQ(document["sessions"].size(), 1u);
  EXPECT_EQ(document["sessions"][0]["host"], "");
  EXPECT_EQ(document["sessions"][0]["pid"], 0);
  EXPECT_EQ(document["sessions"][0]["cpu"], "a processor");
  parse_exported_run(document.dump(), "a.run.json");
}

TEST_F(RunExport, AConfigurationThatNamesNobodyIsPassedOnAsItIs) {
  RunReader reader(files_.database());
  for (const char* config : {"{\"written_by\": 5}", "[]", "5"}) {
    write_file_atomically(files_.config(), config);
    const std::string text = run_json(files_, reader, Whereabouts::left_out);
    EXPECT_EQ(nlohmann::json::parse(text)["config"], nlohmann::json::parse(config));
  }
}

TEST_F(RunExport, AnotherJsonIsNoExportedRun) {
  RunReader reader(files_.database());
  const auto whole = nlohmann::json::parse(run_json(files_, reader));
  struct Case {
    const char* place;
    nlohmann::json value;
    const char* message;
  };
  for (const Case& c :
       {Case{"/metrics", nullptr, "expected a list in 'metrics', found null"},
        Case{"/metrics/1", 5, "row 2 of 'metrics'] expected an object, found 5"},
        Case{"/metrics/1/step", 1, "expected 'metrics' by step, found step 1 before 1"},
        Case{"/metrics/0/loss", "low", "row 1 of 'metrics': loss] expected a number"},
        Case{"/metrics/0/applied", 2, "expected an integer from 0 to 1, found 2"},
        Case{"/metrics/0/more", 2, "expected 12 columns, found 13"},
        Case{"/evaluations/0/step", 4, "expected 'evaluations' by step, found step 4 before 3"},
        Case{"/evaluations/0/rotation_seed", -1, "from 0 to 2^64 - 1, found -1"},
        Case{"/events/0/level", "bad", "info|warning|error"},
        Case{"/run", nlohmann::json::object(), "expected 'name', found none"},
        Case{"/config/model/buckets", -2, "a.run.json: config"},
        Case{"/config/task", 3, "a.run.json: config"}}) {
    nlohmann::json changed = whole;
    changed[nlohmann::json::json_pointer(c.place)] = c.value;
    const std::string message = why_not(changed.dump());
    EXPECT_THAT(message, HasSubstr(c.message)) << c.place;
    EXPECT_THAT(message, HasSubstr("[a.run.json")) << c.place;
  }
  nlohmann::json of_then = whole;
  of_then["config"]["model"].erase("stream_merge");
  EXPECT_EQ(why_not(of_then.dump()), "no error");
  for (const auto& item : whole.items()) {
    nlohmann::json changed = whole;
    changed.erase(item.key());
    EXPECT_THAT(why_not(changed.dump()), HasSubstr("with '" + item.key() + "'"));
  }
  EXPECT_THAT(why_not("[]"), HasSubstr("expected an exported run, found a list"));
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
