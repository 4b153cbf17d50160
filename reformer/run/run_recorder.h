// Turns what a training reports into rows of its database, and commits them now and then.
#pragma once

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "reformer/run/run_clock.h"
#include "reformer/run/run_writer.h"
#include "reformer/train/trainer.h"

namespace reformer {

class RunRecorder {
 public:
  // `step` steps are done, which took `seconds`; rows beyond go with the first commit.
  RunRecorder(RunWriter writer, RunClock clock, int64_t step, double seconds);

  // A new session of this process: the run is `running` from the next commit on.
  void begin_session(int threads);

  void step_done(const StepReport& report);
  void evaluated(const Trainer& trainer, const BatchLoss& loss, double took_seconds);
  Event note(EventLevel level, std::string_view kind, std::string message, std::string data = "");

  // Commits when the last commit is a second ago, unless a reader is in the way.
  void commit_when_due();
  // As RunWriter::commit().
  bool commit(int patience_ms);

  // The last commit of this session. Throws Error when it is not possible within a minute.
  void end_session(RunStatus status, std::string reason);

  // Of training so far, over all sessions.
  double seconds() const { return seconds_before_ + clock_.seconds() - started_; }
  const RunClock& run_clock() const { return clock_; }

 private:
  double rate(int64_t step);

  RunWriter writer_;
  RunClock clock_;
  double seconds_before_, started_, last_commit_;
  std::deque<std::pair<double, int64_t>> recent_;  // (time, step) of the last second
};

}  // namespace reformer
