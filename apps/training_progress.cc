#include "apps/training_progress.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "apps/output.h"
#include "reformer/base/json_line.h"

namespace reformer::apps {
namespace {

using namespace std::chrono_literals;
constexpr auto kShowEvery = 100ms;

}  // namespace

TrainingProgress::TrainingProgress(std::string name, const TrainingPlan& plan,
                                   ProgressOptions options, int64_t first_step)
    : name_(std::move(name)),
      steps_(plan.steps),
      first_step_(first_step),
      options_(options),
      bar_(plan.steps),
      time_left_(plan, first_step, 0) {}

double TrainingProgress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

std::string TrainingProgress::numbers_text(const StepReport& report) const {
  const double rate = static_cast<double>(report.step - first_step_) / seconds();
  std::string text = fmt::format(
      "step {}/{}  {:.1f} steps/s  loss {:.4f}  accuracy {:.2f} %  rate {:.2e}", report.step,
      steps_, rate, report.batch.loss, 100 * report.batch.accuracy(), report.learning_rate);
  if (report.batch.lost_pairs > 0) text += fmt::format("  lost pairs {}", report.batch.lost_pairs);
  if (!report.applied) text += "  left out";
  return text + fmt::format("  {} left", duration_text(time_left_.seconds().value_or(0)));
}

std::string TrainingProgress::json_text(const StepReport& report) const {
  return nlohmann::ordered_json{
      {"kind", "step"},
      {"name", name_},
      {"step", report.step},
      {"steps", steps_},
      {"loss", report.batch.loss},  // null where it is not finite
      {"accuracy", report.batch.accuracy()},
      {"learning_rate", report.learning_rate},
      {"gradient_norm", report.gradient_norm},
      {"lost_pairs", report.batch.lost_pairs},
      {"steps_per_second", static_cast<double>(report.step - first_step_) / seconds()},
      {"seconds", seconds()},
      {"seconds_left", time_left_.seconds().value_or(0)}}
      .dump();
}

void TrainingProgress::step_done(const StepReport& report) {
  time_left_.step_done(report.step, seconds());
  bar_.add(report.step, report.batch.loss);
  if (options_.quiet) return;
  const auto now = Clock::now();
  const bool watched = line_.on_terminal() && !options_.json;
  const bool counted = options_.log_every > 0 && report.step % options_.log_every == 0;
  const bool timed = options_.log_every == 0 && !watched &&
                     now - last_written_ >= std::chrono::duration<double>(options_.log_seconds);
  if (counted || timed) {
    line_.write(options_.json ? json_text(report)
                              : fmt::format("{}  {}", name_, numbers_text(report)));
    last_written_ = now;
  }
  if (watched && now - last_shown_ >= kShowEvery) {
    line_.show(name_,
               fmt::format("{}  {:.0f} %  {}", bar_.text(line_.shows_unicode()),
                           100 * static_cast<double>(report.step) / static_cast<double>(steps_),
                           numbers_text(report)));
    last_shown_ = now;
  }
}

void TrainingProgress::evaluated(int64_t step, const BatchLoss& loss, double took_seconds) {
  time_left_.evaluated(took_seconds);
  if (options_.quiet) return;
  if (!options_.json) {
    note(fmt::format("step {}/{}  validation: {}", step, steps_, loss_text(loss)));
    return;
  }
  line_.write(nlohmann::ordered_json{{"kind", "validation"},
                                     {"name", name_},
                                     {"step", step},
                                     {"steps", steps_},
                                     {"loss", loss.loss},
                                     {"accuracy", loss.accuracy()},
                                     {"lost_pairs", loss.lost_pairs}}
                  .dump());
}

void TrainingProgress::note(std::string_view line, std::string_view kind) {
  if (options_.quiet) return;
  line_.write(options_.json ? json_line({{"kind", kind}, {"name", name_}, {"text", line}})
                            : fmt::format("{}  {}", name_, line));
}

std::string loss_text(const BatchLoss& loss) {
  std::string text =
      fmt::format("accuracy {:.2f} %  loss {:.4f}", 100 * loss.accuracy(), loss.loss);
  if (loss.lost_pairs > 0) text += fmt::format("  lost pairs {}", loss.lost_pairs);
  return text;
}

}  // namespace reformer::apps
