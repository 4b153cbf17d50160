#include "reformer/experiment/study_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "reformer/base/error.h"
#include "reformer/experiment/sweep_runner.h"
#include "tests/run/small_training.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(StudyRuns, MembersHaveTheirSeedsAndPlaces) {
  const std::vector<SweepMember> one = table2_members("smoke", 7, 1);
  ASSERT_EQ(one.size(), 4u);
  EXPECT_EQ(one[1].name, "runs/lsh-4");
  const std::vector<SweepMember> three = table2_members("smoke", 7, 3);
  ASSERT_EQ(three.size(), 12u);
  EXPECT_EQ(three[11].name, "seed-9/runs/lsh-1");
  EXPECT_EQ(to_json(three[11].config), to_json(table2_config("smoke", "lsh-1", 9)));
}

class FinishedMember : public SmallTrainingTest {
 protected:
  FinishedMember() {
    member_.name = "member";
    member_.config = small_training();
    begin(member_.config, path())->train(watcher_);
  }
  std::filesystem::path path() const { return directory_.path() / "member"; }
  void change(const char* sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((path() / "run.db").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  Watcher watcher_;
  SweepMember member_;
};

TEST_F(FinishedMember, IsReadAsItWasTrained) {
  const TrainedModel model = read_trained(path());
  EXPECT_EQ(model.trained, "lsh-2");
  EXPECT_EQ(to_json(model.config), to_json(member_.config));
  EXPECT_FALSE(model.parameters.empty());
}

TEST_F(FinishedMember, OfAnotherCommitIsRefused) {
  const std::vector<SweepMember> members = {member_, {"not begun", "", member_.config}};
  EXPECT_NO_THROW(require_same_program(members, directory_.path()));
  change("UPDATE sessions SET commit_id = 'abc123'");
  EXPECT_THAT([&] { require_same_program(members, directory_.path()); },
              ThrowsMessage<Error>(AllOf(HasSubstr("member"), HasSubstr("commit abc123"))));
}

TEST_F(FinishedMember, ThatIsNotFinishedAfterAllIsRefused) {
  change("UPDATE run SET status = 'interrupted'");
  EXPECT_THAT([&] { read_trained(path()); },
              ThrowsMessage<Error>(HasSubstr("expected a finished run")));
}

}  // namespace
}  // namespace reformer::test
