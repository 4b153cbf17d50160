// Sweeps end with the same bits however they are cut up, and a member's failure is its own.
#include "reformer/experiment/sweep_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/experiment/sweep_report.h"
#include "reformer/run/run_files.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

RunClock no_clock() {
  return {[] { return 0.0; }, [] { return 0.0; }};
}

Sweep small_sweep() {
  Sweep sweep{run_preset("smoke"), {}, 3};
  sweep.base.train.steps = 6;
  sweep.base.train.checkpoint_every = 2;
  sweep.base.task.validation_rows = 8;
  return sweep;
}

class Watcher final : public SweepObserver {
 public:
  void member_begins(size_t, int64_t attempt, int64_t) override {
    if (attempt > 1) ++retries;
  }
  void step_done(size_t, const StepReport&) override { ++steps; }
  void member_ends(size_t, const MemberOutcome&) override { ++ended; }
  std::string stop_reason() override { return steps >= stop_after ? "enough" : ""; }

  int64_t steps = 0, stop_after = 1 << 30, retries = 0, ended = 0;
};

class SweepRunner : public testing::Test {
 protected:
  std::vector<MemberOutcome> run(const std::string& name, const SweepOptions& options,
                                 Watcher& watcher) {
    return run_members(members_, directory_.path() / name, options, no_clock(), watcher);
  }
  std::string result(const std::vector<MemberOutcome>& outcomes) {
    return sweep_json(small_sweep(), members_, outcomes).dump();
  }

  TemporaryDirectory directory_;
  std::vector<SweepMember> members_ = members_of(small_sweep());
};

TEST_F(SweepRunner, JobsThreadsAndStopsChangeNoBit) {
  Watcher watcher;
  const std::string once = result(run("once", {}, watcher));
  EXPECT_EQ(watcher.steps, 18);
  EXPECT_EQ(watcher.ended, 3);
  EXPECT_THAT(once, HasSubstr("\"count\":3"));
  Watcher other;
  EXPECT_EQ(result(run("jobs", {.jobs = 3, .threads = 2}, other)), once);
  std::vector<MemberOutcome> outcomes;
  int64_t starts = 0;
  for (bool done = false; !done; ++starts) {
    Watcher stopped;
    stopped.stop_after = 4;
    outcomes = run("stops", {.jobs = 2}, stopped);
    done = stopped.steps < 4;
    ASSERT_LT(starts, 20);
  }
  EXPECT_GT(starts, 2);
  EXPECT_EQ(result(outcomes), once);
  for (const SweepMember& member : members_) {
    const std::string model = read_file(RunFiles{directory_.path() / "once" / member.name}.model());
    for (const char* name : {"jobs", "stops"}) {
      EXPECT_TRUE(read_file(RunFiles{directory_.path() / name / member.name}.model()) == model);
    }
  }
}

TEST_F(SweepRunner, AFailureIsItsMembersAlone) {
  // A file where a directory should be: nothing can be trained there.
  fs::create_directory(directory_.path() / "sweep");
  write_file_atomically(directory_.path() / "sweep" / members_[1].name, "in the way");
  Watcher watcher;
  const auto outcomes = run("sweep", {.jobs = 2, .retries = 2}, watcher);
  EXPECT_EQ(outcomes[0].status, MemberStatus::finished);
  EXPECT_EQ(outcomes[1].status, MemberStatus::failed);
  EXPECT_THAT(outcomes[1].error, HasSubstr("seed=43"));
  EXPECT_EQ(outcomes[2].status, MemberStatus::finished);
  EXPECT_EQ(watcher.ended, 3);
  fs::remove(directory_.path() / "sweep" / members_[1].name);
  Watcher again;
  EXPECT_EQ(run("sweep", {}, again)[1].status, MemberStatus::finished);
  EXPECT_EQ(again.steps, 6) << "what was finished stays as it is";
}

// Fails on its third step, once.
class FailsOnce final : public SweepObserver {
 public:
  void member_begins(size_t, int64_t attempt, int64_t step) override {
    attempts = attempt;
    first_step = step;
  }
  void step_done(size_t, const StepReport& report) override {
    if (report.step == 3 && attempts == 1) throw std::runtime_error("a disk that failed");
  }
  int64_t attempts = 0, first_step = 0;
};

TEST_F(SweepRunner, FailuresAreTriedAgainFromWhereTheyWere) {
  members_.resize(1);
  FailsOnce observer;
  const auto run_it = [&](const std::string& name, int64_t retries) {
    observer = FailsOnce();
    return run_members(members_, directory_.path() / name, {.retries = retries}, no_clock(),
                       observer)[0];
  };
  EXPECT_EQ(run_it("once", 0).error, "a disk that failed");
  EXPECT_EQ(run_it("again", 1).status, MemberStatus::finished);
  EXPECT_EQ(observer.attempts, 2);
  EXPECT_EQ(observer.first_step, 2) << "its last checkpoint";
}

TEST_F(SweepRunner, ADivergenceIsNotTriedAgain) {
  members_.resize(1);
  members_[0].config.train.schedule.learning_rate = 1e3;
  members_[0].config.train.schedule.kind = ScheduleKind::constant;
  members_[0].config.train.steps = 500;
  Watcher watcher;
  const auto outcomes = run("diverges", {.retries = 5}, watcher);
  ASSERT_EQ(outcomes[0].status, MemberStatus::failed) << "the case must diverge";
  EXPECT_EQ(watcher.retries, 0);
  EXPECT_GT(outcomes[0].step, 0) << "how far it came";
  EXPECT_LT(outcomes[0].step, 500);
}

TEST_F(SweepRunner, ForeignSettingsAreRefused) {
  Watcher watcher;
  run("sweep", {}, watcher);
  members_[0].config.train.batch = 3;
  const auto outcomes = run("sweep", {.retries = 0}, watcher);
  EXPECT_THAT(outcomes[0].error, HasSubstr("expected a run with the settings of the sweep, "
                                           "found others: train.batch is 4, not 3; try"));
}

TEST_F(SweepRunner, ADirectoryIsOfOneSweep) {
  Sweep sweep = small_sweep();
  sweep.axes = {parse_axis("learning_rate=1e-3,1e-4", "")};
  claim_sweep(directory_.path(), sweep);
  claim_sweep(directory_.path(), sweep);
  EXPECT_EQ(to_json(read_sweep(directory_.path())), to_json(sweep));
  ++sweep.seeds;
  sweep.axes = {parse_axis("heads=1", "")};
  sweep.base.train.batch = 7;
  EXPECT_THAT([&] { claim_sweep(directory_.path(), sweep); },
              ThrowsMessage<Error>(AllOf(
                  HasSubstr("found another one: "), HasSubstr("train.batch is 4, not 7"),
                  HasSubstr("sweep.heads is absent, not [1]"), HasSubstr("sweep.seeds is 3, not 4"),
                  HasSubstr("sweep.learning_rate is [0.001,0.0001], not absent"))));
}

}  // namespace
}  // namespace reformer::test
