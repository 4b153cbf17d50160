// A run's database: what the writer adds the reader and any other program find.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/run_reader.h"
#include "reformer/run/run_schema.h"
#include "reformer/run/run_writer.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

// One value as another program sees it.
std::string value_of(const fs::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  std::string value = "no row";
  const auto keep = [](void* out, int, char** columns, char**) {
    *static_cast<std::string*>(out) = columns[0] == nullptr ? "NULL" : columns[0];
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), keep, &value, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
  return value;
}

RunState some_state() {
  RunState state;
  state.name = "lsh-4";
  state.seed = 42;
  state.steps = 2000;
  state.created_at = 1.75e9;
  return state;
}

StepMetrics step(int64_t number, double loss = 1) {
  StepMetrics metrics;
  metrics.step = number;
  metrics.loss = loss;
  return metrics;
}

EvaluationRecord evaluation(int64_t number, double accuracy) {
  EvaluationRecord record;
  record.step = number;
  record.attention = "lsh-4";
  record.semantics = "consistent";
  record.rotation_seed = ~uint64_t{42};
  record.accuracy = accuracy;
  return record;
}

class RunDatabase : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  fs::path path_ = directory_.path() / "run.db";
};

TEST_F(RunDatabase, ReturnsWhatWasAdded) {
  RunWriter writer = RunWriter::create(path_, some_state());
  StepMetrics metrics = step(1, 4.875);
  metrics.accuracy = 0.25;
  metrics.learning_rate = 1e-3;
  metrics.momentum = 0.95;
  metrics.gradient_norm = std::nan("");
  metrics.lost_pairs = 7;
  metrics.hash_recall = 0.5;
  metrics.applied = false;
  metrics.seconds = 0.125;
  writer.add(metrics);
  writer.add(evaluation(1, 0.75));
  writer.add(Event{0, 1.75e9, 1, EventLevel::warning, "skipped", "a 'step'", "{\"step\": 1}"});
  Session session;
  session.pid = 17;
  session.host = "here";
  writer.begin_session(session);
  RunState state = some_state();
  state.step = 1;
  writer.set_state(state);
  ASSERT_TRUE(writer.commit(1.75e9 + 0.5, 0));

  RunReader reader(path_);
  EXPECT_EQ(reader.state().name, "lsh-4");
  EXPECT_EQ(reader.state().step, 1);
  EXPECT_EQ(reader.state().status, RunStatus::running);
  EXPECT_EQ(reader.state().updated_at, 1.75e9 + 0.5);
  ASSERT_EQ(reader.metrics().size(), 1u);
  const StepMetrics found = reader.metrics()[0];
  EXPECT_EQ(found.loss, 4.875);
  EXPECT_EQ(found.accuracy, 0.25);
  EXPECT_EQ(found.learning_rate, 1e-3);
  EXPECT_EQ(found.momentum, 0.95);
  EXPECT_TRUE(std::isnan(found.gradient_norm));
  EXPECT_EQ(found.lost_pairs, 7);
  EXPECT_EQ(found.hash_recall, 0.5);
  EXPECT_TRUE(std::isnan(found.attention_entropy));
  EXPECT_FALSE(found.applied);
  EXPECT_EQ(found.seconds, 0.125);
  ASSERT_EQ(reader.evaluations().size(), 1u);
  EXPECT_EQ(reader.evaluations()[0].rotation_seed, ~uint64_t{42});
  EXPECT_EQ(reader.evaluations()[0].accuracy, 0.75);
  ASSERT_EQ(reader.events().size(), 1u);
  EXPECT_EQ(reader.events()[0].message, "a 'step'");
  EXPECT_EQ(reader.events()[0].level, EventLevel::warning);
  EXPECT_THAT(reader.events(1), IsEmpty());
  ASSERT_EQ(reader.sessions().size(), 1u);
  EXPECT_EQ(reader.sessions()[0].host, "here");
  EXPECT_EQ(reader.sessions()[0].last_step, 1);
  EXPECT_TRUE(std::isnan(reader.sessions()[0].ended_at));
  EXPECT_NO_THROW(reader.check_integrity());
}

TEST_F(RunDatabase, IsReadByOtherProgramsWithoutUs) {
  RunWriter writer = RunWriter::create(path_, some_state());
  writer.add(step(3, 0.5));
  ASSERT_TRUE(writer.commit(0, 0));
  EXPECT_EQ(value_of(path_, "SELECT loss FROM metrics WHERE step = 3"), "0.5");
  EXPECT_EQ(value_of(path_, "SELECT hash_recall FROM metrics"), "NULL");
  EXPECT_EQ(value_of(path_, "SELECT status FROM run"), "running");
  EXPECT_EQ(value_of(path_, "PRAGMA journal_mode"), "delete");
  EXPECT_FALSE(fs::exists(path_.string() + "-journal"));
}

TEST(RunFormat, IsDocumentedAsItIs) {
  const std::string page = read_file(fs::path(REFORMER_SOURCE_DIR) / "docs/run-format.md");
  EXPECT_THAT(page, HasSubstr("```sql\n" + std::string(run_schema()) + "```"));
  EXPECT_THAT(page, HasSubstr(fmt::format("`user_version` {}", kRunSchemaVersion)));
}

TEST_F(RunDatabase, NoStepOccursTwice) {
  RunWriter writer = RunWriter::create(path_, some_state());
  for (int64_t i = 1; i <= 5; ++i) writer.add(step(i));
  writer.add(evaluation(4, 0.5));
  ASSERT_TRUE(writer.commit(0, 0));
  writer.add(step(6));
  writer.forget_after(3);
  writer.add(step(4, 2));
  ASSERT_TRUE(writer.commit(0, 0));
  writer.add(step(4, 3));  // no longer forgotten, but replaced
  writer.add(step(5, 3));
  ASSERT_TRUE(writer.commit(0, 0));
  std::vector<std::pair<int64_t, double>> found;
  RunReader reader(path_);
  for (const StepMetrics& m : reader.metrics()) found.emplace_back(m.step, m.loss);
  EXPECT_THAT(found, ElementsAre(std::pair(1, 1.0), std::pair(2, 1.0), std::pair(3, 1.0),
                                 std::pair(4, 3.0), std::pair(5, 3.0)));
  EXPECT_THAT(reader.metrics(3),
              ElementsAre(Field(&StepMetrics::step, 4), Field(&StepMetrics::step, 5)));
  EXPECT_THAT(reader.evaluations(), IsEmpty());
}

TEST_F(RunDatabase, ReplacesNothing) {
  RunWriter::create(path_, some_state());
  EXPECT_THROW(RunWriter::create(path_, some_state()), Error);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), {}), 1);
}

TEST_F(RunDatabase, GoesOn) {
  Session session;
  session.pid = 17;
  for (int i = 0; i < 3; ++i) {
    RunWriter writer = i == 0 ? RunWriter::create(path_, some_state()) : RunWriter(path_);
    EXPECT_EQ(writer.state().name, "lsh-4");
    writer.begin_session(session);
    ASSERT_TRUE(writer.commit(0, 0));
    writer.end_session(i);
    ASSERT_TRUE(writer.commit(0, 0));
  }
  EXPECT_THAT(RunReader(path_).sessions(),
              ElementsAre(Field(&Session::id, 1), Field(&Session::id, 2), Field(&Session::id, 3)));
}

// A reader in the middle of a query keeps the writer waiting, but loses nothing.
TEST_F(RunDatabase, RowsWaitForReaders) {
  RunWriter writer = RunWriter::create(path_, some_state());
  for (int64_t i = 1; i <= 3; ++i) writer.add(step(i));
  ASSERT_TRUE(writer.commit(0, 0));
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN; SELECT * FROM metrics", nullptr, nullptr, nullptr),
            SQLITE_OK);
  writer.add(step(4));
  EXPECT_FALSE(writer.commit(0, 0));
  EXPECT_EQ(RunReader(path_).metrics().size(), 3u);
  ASSERT_EQ(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_TRUE(writer.commit(0, 0));
  EXPECT_EQ(RunReader(path_).metrics().size(), 4u);
}

// Killed at some instant: all that was committed is there, and whole.
TEST_F(RunDatabase, SurvivesKill9) {
  RunWriter::create(path_, some_state());
  for (int round = 0; round < 10; ++round) {
    int channel[2];
    ASSERT_EQ(::pipe(channel), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      RunWriter writer(path_);
      for (int64_t i = 1;; ++i) {
        for (int64_t j = 0; j < 50; ++j) writer.add(step(i * 50 + j, static_cast<double>(i)));
        if (!writer.commit(0, 1000)) ::_exit(1);
        if (::write(channel[1], &i, sizeof i) != sizeof i) ::_exit(1);
      }
    }
    ::close(channel[1]);
    int64_t committed = 0;
    for (int i = 0; i < 3; ++i) ASSERT_EQ(::read(channel[0], &committed, 8), 8);
    ::usleep(static_cast<useconds_t>(round * 300));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(channel[0], &committed, 8) == 8) {
    }
    ::close(channel[0]);
    RunReader reader(path_);
    reader.check_integrity();
    int64_t last = 0;
    for (const StepMetrics& m : reader.metrics()) last = std::max(last, m.step);
    EXPECT_GE(last, committed * 50 + 49);
    EXPECT_EQ(last % 50, 49) << "half a commit";
  }
}

TEST_F(RunDatabase, RefusesWhatIsNoneOfOurs) {
  EXPECT_THAT([&] { RunReader reader(path_); },
              ThrowsMessage<Error>(HasSubstr("expected the directory of a run, found no run.db")));
  EXPECT_FALSE(fs::exists(path_)) << "opening creates nothing";
  std::ofstream(path_) << "something else, and long enough to be taken for a database";
  EXPECT_THAT([&] { RunReader reader(path_); }, ThrowsMessage<Error>(HasSubstr("not a database")));
  fs::remove(path_);
  value_of(path_, "CREATE TABLE other (x)");
  EXPECT_THAT([&] { RunReader reader(path_); },
              ThrowsMessage<Error>(HasSubstr("expected the database of a run, found another one")));
}

TEST_F(RunDatabase, RefusesOtherSchemas) {
  RunWriter::create(path_, some_state());
  const std::string original = read_file(path_);
  const auto refuses = [&](const char* sql, const char* message) {
    std::ofstream(path_, std::ios::binary) << original;
    value_of(path_, sql);
    EXPECT_THAT([&] { RunReader reader(path_); }, ThrowsMessage<Error>(HasSubstr(message))) << sql;
    EXPECT_THAT([&] { RunWriter writer(path_); }, ThrowsMessage<Error>(HasSubstr(message))) << sql;
  };
  refuses("PRAGMA user_version = 2", "expected schema version 1, found 2; try the version");
  refuses("DROP TABLE events", "expected the table `events`");
  refuses("ALTER TABLE metrics ADD COLUMN x REAL", "expected the table `metrics`");
  refuses("ALTER TABLE metrics RENAME TO m; CREATE VIEW metrics AS SELECT * FROM m",
          "expected the table `metrics`");
}

TEST_F(RunDatabase, MayHoldMoreThanOurTables) {
  RunWriter::create(path_, some_state());
  value_of(path_, "CREATE TABLE notes (text); CREATE INDEX by_loss ON metrics (loss)");
  EXPECT_EQ(RunReader(path_).state().seed, 42);
}

TEST_F(RunDatabase, TriggersDoNotRun) {
  RunWriter::create(path_, some_state());
  value_of(path_, "CREATE TRIGGER t AFTER INSERT ON metrics BEGIN DELETE FROM metrics; END");
  RunWriter writer(path_);
  writer.add(step(1));
  ASSERT_TRUE(writer.commit(0, 0));
  EXPECT_EQ(RunReader(path_).metrics().size(), 1u);
}

TEST_F(RunDatabase, FollowsNoSymbolicLink) {
  RunWriter::create(directory_.path() / "elsewhere.db", some_state());
  fs::create_symlink(directory_.path() / "elsewhere.db", path_);
  EXPECT_THROW(RunReader reader(path_), Error);
  fs::create_directory_symlink(directory_.path(), directory_.path() / "link");
  EXPECT_NO_THROW(RunReader reader(directory_.path() / "link/elsewhere.db"));
}

// Every page zeroed in turn: an Error or other values, never a crash.
TEST_F(RunDatabase, DamageIsAnError) {
  {
    RunWriter writer = RunWriter::create(path_, some_state());
    for (int64_t i = 1; i <= 500; ++i) writer.add(step(i));
    ASSERT_TRUE(writer.commit(0, 0));
  }
  const std::string original = read_file(path_);
  int refused = 0, pages = 0;
  for (size_t page = 0; page < original.size(); page += 4096, ++pages) {
    std::string damaged = original;
    std::memset(damaged.data() + page, 0, 4096);
    std::ofstream(path_, std::ios::binary) << damaged;
    try {
      RunReader reader(path_);
      reader.check_integrity();
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(pages, 5);
  EXPECT_EQ(refused, pages);
}

}  // namespace
}  // namespace reformer::test
