#include "apps/training_progress.h"

#include <fmt/format.h>

#include <utility>

#include "apps/output.h"

namespace reformer::apps {
namespace {

using namespace std::chrono_literals;
constexpr auto kShowEvery = 100ms;
constexpr auto kWriteEvery = 5s;

}  // namespace

TrainingProgress::TrainingProgress(std::string name, int64_t steps, ProgressOptions options)
    : name_(std::move(name)), steps_(steps), options_(options) {}

double TrainingProgress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

std::string TrainingProgress::text(const StepReport& report) const {
  const double rate = static_cast<double>(report.step) / seconds();
  std::string text = fmt::format(
      "step {}/{}  {:.1f} steps/s  loss {:.4f}  accuracy {:.2f} %  rate {:.2e}", report.step,
      steps_, rate, report.batch.loss, 100 * report.batch.accuracy(), report.learning_rate);
  if (report.batch.lost_pairs > 0) text += fmt::format("  lost pairs {}", report.batch.lost_pairs);
  return text +
         fmt::format("  {} left", duration_text(static_cast<double>(steps_ - report.step) / rate));
}

void TrainingProgress::step_done(const StepReport& report) {
  if (options_.quiet) return;
  const auto now = Clock::now();
  const bool counted = options_.log_every > 0 && report.step % options_.log_every == 0;
  const bool timed =
      options_.log_every == 0 && !line_.on_terminal() && now - last_written_ >= kWriteEvery;
  if (counted || timed) {
    line_.write(fmt::format("{}  {}", name_, text(report)));
    last_written_ = now;
  }
  if (line_.on_terminal() && now - last_shown_ >= kShowEvery) {
    line_.show(name_, text(report));
    last_shown_ = now;
  }
}

void TrainingProgress::note(std::string_view line) {
  if (!options_.quiet) line_.write(fmt::format("{}  {}", name_, line));
}

}  // namespace reformer::apps
