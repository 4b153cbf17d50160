#include "apps/sweep_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/output.h"
#include "reformer/base/json_line.h"

namespace reformer::apps {
namespace {

using namespace std::chrono_literals;
constexpr auto kShowEvery = 100ms;

double percent(int64_t part, int64_t whole) {
  return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

SweepProgress::SweepProgress(std::span<const SweepMember> members, ProgressOptions options,
                             const InterruptGuard& interrupt)
    : members_(members), options_(options), interrupt_(interrupt) {
  for (const SweepMember& member : members) steps_ += member.config.train.steps;
}

void SweepProgress::member_begins(size_t member, int64_t attempt, int64_t step) {
  // A step's time has its part of the evaluations in it, for nobody tells when one begins.
  const TrainingPlan plan{.steps = members_[member].config.train.steps};
  Running running{{}, LossBar(plan.steps), TimeLeft(plan, step, seconds())};
  running.report.step = step;
  running_.insert_or_assign(member, running);
  if (attempt > 1) {
    write(member, "retry", fmt::format("tried again after step {}", step));
  } else if (step < plan.steps) {
    write(member, "begins", step == 0 ? "begins" : fmt::format("goes on after step {}", step));
  }
}

void SweepProgress::step_done(size_t member, const StepReport& report) {
  Running& running = running_.at(member);
  running.report = report;
  running.bar.add(report.step, report.batch.loss);
  running.time_left.step_done(report.step, seconds());
  ++done_here_;
  if (options_.quiet) return;
  const auto now = Clock::now();
  const bool watched = line_.on_terminal() && !options_.json;
  if (watched && now - last_shown_ >= kShowEvery) {
    line_.show(lines());
    last_shown_ = now;
  }
  if (!watched && now - last_written_ >= std::chrono::duration<double>(options_.log_seconds)) {
    line_.write(options_.json ? nlohmann::ordered_json{{"kind", "sweep"},
                                                       {"ended", ended_},
                                                       {"failed", failed_},
                                                       {"runs", members_.size()},
                                                       {"steps", steps_},
                                                       {"steps_done", steps_done()},
                                                       {"text", overview()}}
                                    .dump()
                              : fmt::format("sweep  {}", overview()));
    last_written_ = now;
  }
}

void SweepProgress::member_ends(size_t member, const MemberOutcome& outcome) {
  running_.erase(member);
  over_ += members_[member].config.train.steps;
  ++ended_;
  if (outcome.status == MemberStatus::failed) ++failed_;
  std::string text = fmt::format("{} after step {}", enum_name(outcome.status), outcome.step);
  if (outcome.validation) text += ": " + loss_text(*outcome.validation);
  if (!outcome.error.empty()) text = fmt::format("failed: {}", outcome.error);
  write(member, enum_name(outcome.status), text);
}

double SweepProgress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

int64_t SweepProgress::steps_done() const {
  int64_t done = over_;
  for (const auto& [member, running] : running_) done += running.report.step;
  return done;
}

// All steps that are left at the rate of all, but no less than what one run needs alone: at the end
// the others cannot help it.
double SweepProgress::seconds_left(double steps_per_second) const {
  double left = static_cast<double>(steps_ - steps_done()) / steps_per_second;
  for (const auto& [member, running] : running_) {
    left = std::max(left, running.time_left.seconds().value_or(0));
  }
  return left;
}

// "3/10 runs  42 %  120.5 steps/s  5 min 10 s left"
std::string SweepProgress::overview() const {
  const double rate = static_cast<double>(std::max<int64_t>(1, done_here_)) / seconds();
  std::string text =
      fmt::format("{}/{} runs  {:.0f} %  {:.1f} steps/s  {} left", ended_, members_.size(),
                  percent(steps_done(), steps_), rate, duration_text(seconds_left(rate)));
  if (failed_ > 0) text += fmt::format("  {} failed", failed_);
  return text;
}

// The overview and, below it, how each run goes: "seed=4  ██▇▅▂▁····  45 %  step 326/600
// loss 4.63".
std::vector<LiveLine::Line> SweepProgress::lines() const {
  size_t name_width = 0;
  for (const auto& [member, running] : running_) {
    name_width = std::max(name_width, members_[member].name.size());
  }
  std::vector<LiveLine::Line> lines = {{"sweep", overview()}};
  for (const auto& [member, running] : running_) {
    const int64_t steps = members_[member].config.train.steps;
    const BatchLoss& batch = running.report.batch;
    lines.push_back(
        {fmt::format("{:<{}}", members_[member].name, name_width),
         fmt::format("{}  {:3.0f} %  step {}/{}  loss {:.4f}  accuracy {:.2f} %",
                     running.bar.text(line_.shows_unicode()), percent(running.report.step, steps),
                     running.report.step, steps, batch.loss, 100 * batch.accuracy())});
  }
  return lines;
}

void SweepProgress::write(size_t member, std::string_view kind, std::string_view text) {
  if (options_.quiet) return;
  const std::string& name = members_[member].name;
  line_.write(options_.json ? json_line({{"kind", kind}, {"name", name}, {"text", text}})
                            : fmt::format("{}  {}", name, text));
}

}  // namespace reformer::apps
