#include "reformer/run/run_recorder.h"

#include "reformer/base/error.h"
#include "reformer/base/host.h"
#include "reformer/base/version.h"
#include "reformer/math/target.h"

namespace reformer {
namespace {

constexpr double kCommitEvery = 1;  // seconds
constexpr double kRateOver = 1;     // seconds
constexpr int kLastPatienceMs = 60'000;

}  // namespace

RunRecorder::RunRecorder(RunWriter writer, RunClock clock, int64_t step, double seconds)
    : writer_(std::move(writer)),
      clock_(std::move(clock)),
      seconds_before_(seconds),
      started_(clock_.seconds()),
      last_commit_(started_) {
  writer_.forget_after(step);
  RunState state = writer_.state();
  state.step = step;
  state.seconds = seconds;
  writer_.set_state(state);
  recent_.emplace_back(started_, step);
}

void RunRecorder::begin_session(int threads) {
  const ProcessIdentity self = this_process();
  Session session;
  session.started_at = clock_.unix_seconds();
  session.first_step = session.last_step = writer_.state().step;
  session.threads = threads;
  session.pid = self.pid;
  session.host = self.host;
  session.cpu = cpu_name();
  session.simd = active_target();
  session.version = version();
  session.commit = reformer::commit();
  writer_.begin_session(session);
  RunState state = writer_.state();
  state.status = RunStatus::running;
  state.reason.clear();
  writer_.set_state(state);
}

double RunRecorder::rate(int64_t step) {
  const double now = clock_.seconds();
  while (recent_.size() > 1 && now - recent_[1].first >= kRateOver) recent_.pop_front();
  const auto [then, first] = recent_.front();
  recent_.emplace_back(now, step);
  return now > then ? static_cast<double>(step - first) / (now - then) : kNotMeasured;
}

void RunRecorder::step_done(const StepReport& report) {
  StepMetrics metrics;
  metrics.step = report.step;
  metrics.loss = report.batch.loss;
  metrics.accuracy = report.batch.accuracy();
  metrics.learning_rate = report.learning_rate;
  metrics.momentum = report.momentum;
  metrics.gradient_norm = report.gradient_norm;
  metrics.lost_pairs = report.batch.lost_pairs;
  metrics.hash_recall = report.batch.hash_recall;
  metrics.attention_entropy = report.batch.attention_entropy;
  metrics.applied = report.applied;
  metrics.seconds = seconds();
  metrics.steps_per_second = rate(report.step);
  writer_.add(metrics);
  RunState state = writer_.state();
  state.step = report.step;
  state.seconds = metrics.seconds;
  writer_.set_state(state);
}

void RunRecorder::evaluated(const Trainer& trainer, const BatchLoss& loss, double took_seconds) {
  const AttentionChoice attention = trainer.own_attention();
  EvaluationRecord record;
  record.step = trainer.steps_done();
  record.attention = attention.name();
  record.semantics = trainer.config().model.semantics;
  record.data_seed = trainer.config().train.seed;
  record.rotation_seed = attention.rotation_seed;
  record.sequences = trainer.config().task.validation_rows;
  record.scored = loss.scored;
  record.loss = loss.loss;
  record.accuracy = loss.accuracy();
  record.lost_pairs = loss.lost_pairs;
  record.hash_recall = loss.hash_recall;
  record.attention_entropy = loss.attention_entropy;
  record.seconds = took_seconds;
  writer_.add(record);
}

Event RunRecorder::note(EventLevel level, std::string_view kind, std::string message,
                        std::string data) {
  Event event;
  event.time = clock_.unix_seconds();
  event.step = writer_.state().step;
  event.level = level;
  event.kind = kind;
  event.message = std::move(message);
  event.data = std::move(data);
  writer_.add(event);
  return event;
}

void RunRecorder::commit_when_due() {
  if (clock_.seconds() - last_commit_ >= kCommitEvery) static_cast<void>(commit(0));
}

bool RunRecorder::commit(int patience_ms) {
  last_commit_ = clock_.seconds();
  return writer_.commit(clock_.unix_seconds(), patience_ms);
}

void RunRecorder::end_session(RunStatus status, std::string reason) {
  RunState state = writer_.state();
  state.status = status;
  state.reason = std::move(reason);
  writer_.set_state(state);
  writer_.end_session(clock_.unix_seconds());
  if (!commit(kLastPatienceMs)) {
    fail("run.db",
         "expected to write the end of the training, found another program that keeps "
         "the database; try to end that and --resume");
  }
}

}  // namespace reformer
