#include "reformer/experiment/sweep_report.h"

#include <algorithm>
#include <cmath>

#include "reformer/base/error.h"
#include "reformer/base/text_table.h"
#include "reformer/experiment/provenance.h"

namespace reformer {
namespace {

std::string spread_text(const Spread& spread, double factor, int digits) {
  if (spread.count == 0) return "";
  std::string text = fmt::format("{:.{}f}", factor * spread.mean, digits);
  if (spread.count == 1) return text;
  return text + fmt::format(" +- {:.{}f} [{:.{}f}, {:.{}f}]", factor * spread.deviation, digits,
                            factor * spread.interval_low, digits, factor * spread.interval_high,
                            digits);
}

Spread spread_or_none(const std::vector<double>& numbers) {
  return numbers.empty() ? Spread{} : spread_of(numbers);
}

nlohmann::ordered_json json_or_null(const Spread& spread) {
  return spread.count == 0 ? nlohmann::ordered_json() : to_json(spread);
}

bool has_target(const SweepMember& member) { return member.config.train.target_accuracy > 0; }

std::string target_text(const SweepMember& member, const MemberOutcome& outcome) {
  if (!has_target(member) || outcome.status != MemberStatus::finished) return "";
  return outcome.target_reached ? "reached" : "missed";
}

}  // namespace

std::vector<SweepPoint> points_of(std::span<const SweepMember> members,
                                  std::span<const MemberOutcome> outcomes) {
  REFORMER_CHECK(members.size() == outcomes.size());
  std::vector<SweepPoint> points;
  for (size_t begin = 0, end = 0; begin < members.size(); begin = end) {
    std::vector<double> accuracies, losses, steps;
    SweepPoint point;
    point.point = members[begin].point;
    point.has_target = has_target(members[begin]);
    for (; end < members.size() && members[end].point == members[begin].point; ++end) {
      ++point.seeds;
      const MemberOutcome& outcome = outcomes[end];
      if (outcome.status != MemberStatus::finished || !outcome.validation) continue;
      accuracies.push_back(outcome.validation->accuracy());
      losses.push_back(outcome.validation->loss);
      if (outcome.target_reached) steps.push_back(static_cast<double>(outcome.step));
    }
    point.accuracy = spread_or_none(accuracies);
    point.loss = spread_or_none(losses);
    point.steps_to_target = spread_or_none(steps);
    points.push_back(std::move(point));
  }
  return points;
}

std::string sweep_text(std::span<const SweepMember> members,
                       std::span<const MemberOutcome> outcomes) {
  const bool targets = std::ranges::any_of(members, has_target);
  TableRows rows = {{"run", "status", "step", "accuracy", "loss"}};
  if (targets) rows[0].emplace_back("target");
  for (size_t i = 0; i < members.size(); ++i) {
    const MemberOutcome& o = outcomes[i];
    rows.push_back({members[i].name, std::string(enum_name(o.status)), fmt::format("{}", o.step),
                    o.validation ? fmt::format("{:.2f} %", 100 * o.validation->accuracy()) : "",
                    o.validation ? fmt::format("{:.4f}", o.validation->loss) : ""});
    if (targets) rows.back().push_back(target_text(members[i], o));
  }
  std::string runs = text_table(rows, {false, false, true, true, true, false});
  const std::vector<SweepPoint> points = points_of(members, outcomes);
  if (points.size() == members.size()) return runs;
  TableRows table = {{"settings", "finished", "accuracy in per cent", "loss"}};
  if (targets) table[0].insert(table[0].end(), {"reached target", "steps until then"});
  for (const SweepPoint& point : points) {
    table.push_back({point.point.empty() ? "all" : point.point,
                     fmt::format("{} of {}", point.accuracy.count, point.seeds),
                     spread_text(point.accuracy, 100, 2), spread_text(point.loss, 1, 4)});
    if (!targets) continue;
    table.back().push_back(
        point.has_target ? fmt::format("{} of {}", point.steps_to_target.count, point.seeds) : "");
    table.back().push_back(spread_text(point.steps_to_target, 1, 0));
  }
  return runs + "\nMean +- standard deviation [95 % interval of the mean] over seeds\n\n" +
         text_table(table, {false, true});
}

nlohmann::ordered_json sweep_json(const Sweep& sweep, std::span<const SweepMember> members,
                                  std::span<const MemberOutcome> outcomes) {
  nlohmann::ordered_json json = provenance_json();
  json["sweep"] = to_json(sweep);
  json["runs"] = nlohmann::ordered_json::array();
  json["points"] = nlohmann::ordered_json::array();
  for (size_t i = 0; i < members.size(); ++i) {
    const MemberOutcome& o = outcomes[i];
    nlohmann::ordered_json run = {{"name", members[i].name},  {"status", enum_name(o.status)},
                                  {"error", nullptr},         {"step", o.step},
                                  {"accuracy", nullptr},      {"loss", nullptr},
                                  {"target_reached", nullptr}};
    if (!o.error.empty()) run["error"] = o.error;
    if (o.validation) {
      run["accuracy"] = o.validation->accuracy();
      run["loss"] = o.validation->loss;
      if (has_target(members[i])) run["target_reached"] = o.target_reached;
    }
    json["runs"].push_back(std::move(run));
  }
  for (const SweepPoint& point : points_of(members, outcomes)) {
    nlohmann::ordered_json row = {{"point", point.point}, {"seeds", point.seeds}};
    row["accuracy"] = json_or_null(point.accuracy);
    row["loss"] = json_or_null(point.loss);
    row["steps_to_target"] = json_or_null(point.steps_to_target);
    json["points"].push_back(std::move(row));
  }
  return json;
}

}  // namespace reformer
