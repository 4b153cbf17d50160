#include "apps/sweep_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/output.h"

namespace reformer::apps {
namespace {

using namespace std::chrono_literals;
constexpr auto kShowEvery = 100ms;

}  // namespace

SweepProgress::SweepProgress(std::span<const SweepMember> members, ProgressOptions options,
                             const InterruptGuard& interrupt)
    : members_(members), options_(options), interrupt_(interrupt) {
  for (const SweepMember& member : members) steps_ += member.config.train.steps;
}

void SweepProgress::member_begins(size_t member, int64_t attempt, int64_t step) {
  StepReport& shown = running_[member];
  shown = {};
  shown.step = step;
  if (attempt > 1) {
    write(member, "retry", fmt::format("tried again after step {}", step));
  } else {
    write(member, "begins", step == 0 ? "begins" : fmt::format("goes on after step {}", step));
  }
}

void SweepProgress::step_done(size_t member, const StepReport& report) {
  running_[member] = report;
  ++done_here_;
  if (options_.quiet) return;
  const auto now = Clock::now();
  const bool watched = line_.on_terminal() && !options_.json;
  if (watched && now - last_shown_ >= kShowEvery) {
    line_.show("sweep", overview());
    last_shown_ = now;
  }
  if (!watched && now - last_written_ >= std::chrono::duration<double>(options_.log_seconds)) {
    line_.write(options_.json ? nlohmann::ordered_json{{"kind", "sweep"},
                                                       {"ended", ended_},
                                                       {"failed", failed_},
                                                       {"runs", members_.size()},
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

// "3/10 runs  42 %  5 min 10 s left  seed=4: step 120/800, loss 3.2 ..."
std::string SweepProgress::overview() const {
  int64_t done = over_;
  for (const auto& [member, report] : running_) done += report.step;
  const std::chrono::duration<double> seconds = Clock::now() - start_;
  const double left = static_cast<double>(steps_ - done) * seconds.count() /
                      static_cast<double>(std::max<int64_t>(1, done_here_));
  std::string text = fmt::format("{}/{} runs  {:.0f} %  {} left", ended_, members_.size(),
                                 100 * static_cast<double>(done) / static_cast<double>(steps_),
                                 duration_text(left));
  if (failed_ > 0) text += fmt::format("  {} failed", failed_);
  for (const auto& [member, report] : running_) {
    text += fmt::format("  {}: {}/{} loss {:.3f}", members_[member].name, report.step,
                        members_[member].config.train.steps, report.batch.loss);
  }
  return text;
}

void SweepProgress::write(size_t member, std::string_view kind, std::string_view text) {
  if (options_.quiet) return;
  const std::string& name = members_[member].name;
  line_.write(options_.json
                  ? nlohmann::ordered_json{{"kind", kind}, {"name", name}, {"text", text}}.dump(
                        -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                  : fmt::format("{}  {}", name, text));
}

}  // namespace reformer::apps
