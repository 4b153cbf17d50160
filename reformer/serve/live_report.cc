#include "reformer/serve/live_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "reformer/base/error.h"
#include "reformer/report/page.h"

namespace reformer {
namespace {

using nlohmann::ordered_json;

constexpr auto kResultParts = {"tables", "discrepancies", "speeds"};
constexpr size_t kMostDeleted = 100;  // remembered

// One line of ASCII.
std::string text_of(const ordered_json& json) {
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

}  // namespace

LiveReport::LiveReport(std::vector<std::filesystem::path> paths, std::string epoch)
    : paths_(std::move(paths)), epoch_(std::move(epoch)), base_(empty_document()) {
  find_report_sources(paths_);
  look();
  number_ = 0;  // nobody was told
}

std::string LiveReport::name_of(int64_t number) const {
  return fmt::format("{}-{}", epoch_, number);
}

std::optional<int64_t> LiveReport::number_of(std::string_view name) const {
  if (!name.starts_with(epoch_ + "-")) return std::nullopt;
  name.remove_prefix(epoch_.size() + 1);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  if (number < 0 || number == std::numeric_limits<int64_t>::max()) return std::nullopt;
  return number;
}

RunDetail LiveReport::detail() const { return {bytes_for(runs_.size()), CurveEncoding::packed}; }

void LiveReport::tell(std::vector<SharedText>& news, std::string_view event,
                      const ordered_json& content) {
  news.push_back(event_text(name_of(++number_), event, text_of(content)));
}

std::vector<SharedText> LiveReport::look() {
  std::vector<SharedText> news;
  if (looks_ % kSearchEvery == 0) search(news);
  ++looks_;
  for (LiveRun& run : runs_) {
    LiveRun::News found = run.look(detail());
    if (found.kind == LiveRun::News::Kind::none) continue;
    constexpr std::array kEvents = {"", "rows", "run", "gone"};
    tell(news, kEvents.at(static_cast<size_t>(found.kind)), found.content);
  }
  look_at_rest(news);
  return news;
}

// Runs are in the order of their names, as pages have them.
void LiveReport::search(std::vector<SharedText>& news) {
  ReportSources sources;
  unreadable_.clear();
  try {
    sources = find_report_sources(paths_);
  } catch (const Error&) {
    // What is known stays: a run that went with its directory says so by itself.
    unreadable_.push_back({"reformer serve", "what was to be shown cannot be read any more"});
    return;
  }
  std::ranges::sort(sources.runs, {}, &ReportSource::name);
  std::list<LiveRun> runs;
  for (const ReportSource& source : sources.runs) {
    const auto known = std::ranges::find_if(runs_, [&](const LiveRun& run) {
      return run.source().path == source.path && run.source().name == source.name;
    });
    if (known != runs_.end()) {
      runs.splice(runs.end(), runs_, known);
      continue;
    }
    std::erase_if(deleted_, [&](const ReportProblem& p) { return p.name == source.name; });
    runs.emplace_back(source);
  }
  for (const LiveRun& run : runs_) {  // what is left of those from before
    tell(news, "gone", {{"name", run.source().name}});
    deleted_.push_back({run.source().name, "this run was here and is deleted"});
    if (deleted_.size() > kMostDeleted) deleted_.erase(deleted_.begin());
  }
  runs_ = std::move(runs);
  read_results(sources.results);
}

void LiveReport::read_results(const std::vector<ReportSource>& sources) {
  decltype(results_) found;
  for (const ReportSource& source : sources) found.emplace_back(source.path, mark_of(source.path));
  if (found == std::exchange(results_, found)) return;
  bad_results_.clear();
  for (const char* part : kResultParts) base_[part] = ordered_json::array();
  add_results(base_, sources, bad_results_);
}

void LiveReport::look_at_rest(std::vector<SharedText>& news) {
  std::vector<ReportProblem> problems = unreadable_;
  for (const auto* more : {&bad_results_, &deleted_}) {
    problems.insert(problems.end(), more->begin(), more->end());
  }
  for (LiveRun& run : runs_) {
    if (run.problem()) problems.push_back(*run.problem());
  }
  if (base_["task"].is_null()) {
    for (LiveRun& run : runs_) {
      const ordered_json& part = run.part(detail());
      if (part.is_null()) continue;
      base_["task"] = task_part(ordered_json::array({part}), problems);
      break;
    }
  }
  base_["problems"] = problems_json(problems);
  ordered_json rest = {{"task", base_["task"]}, {"problems", base_["problems"]}};
  for (const char* part : kResultParts) rest[part] = base_[part];
  std::string text = text_of(rest);
  if (text == told_rest_) return;
  if (!told_rest_.empty()) tell(news, "rest", rest);
  told_rest_ = std::move(text);
}

Snapshot LiveReport::snapshot() {
  if (looks_ - last_at_ < kSnapshotLives) return last_;
  ordered_json document = base_;
  for (LiveRun& run : runs_) {
    const ordered_json& part = run.part(detail());
    if (!part.is_null()) document["runs"].push_back(part);
  }
  document["live"] = {{"since", name_of(number_)}};
  last_ = {number_, std::make_shared<const std::string>(text_of(document)),
           std::make_shared<const std::string>(report_html(document))};
  last_at_ = looks_;
  return last_;
}

SharedText LiveReport::picture(const PictureRequest& request) const {
  const auto named = [&](const LiveRun& run) { return run.source().name == request.run; };
  const auto found = std::ranges::find_if(runs_, named);
  if (found == runs_.end()) fail("attention", "expected the name of a run, found another text");
  try {
    return std::make_shared<const std::string>(
        text_of(attention_part(found->source(), request.choice)));
  } catch (const Error& error) {
    throw Error(problem_of(found->source(), error.what()).message);
  }
}

SharedText LiveReport::report_event(const Snapshot& snapshot) const {
  return event_text(name_of(snapshot.number), "report", *snapshot.json);
}

}  // namespace reformer
