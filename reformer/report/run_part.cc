#include "reformer/report/run_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/report/command.h"
#include "reformer/run/exported_run.h"
#include "reformer/run/run_files.h"
#include "reformer/run/run_lock.h"
#include "reformer/run/run_reader.h"
#include "reformer/run/run_summary.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr size_t kMostEvents = 100;
constexpr size_t kMostEvaluations = 1025;  // of one series
constexpr size_t kBytesOfEvaluation = 52;  // a step and four values of seven digits
// Loss and accuracy have four statistics of two bytes, the others come to 1.75 such curves, and
// base64 makes four bytes of three.
constexpr size_t kBytesOfBucket = 41;
constexpr size_t kMostBuckets = 4096;
constexpr size_t kBytesOfCurves = 2'000;  // beside their buckets

// As a page has it.
size_t bytes_of(const ordered_json& json) {
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace).size();
}

struct Quantity {
  std::string_view name;
  std::function<double(const StepMetrics&)> of;
  bool main = false;     // one that people look at first
  bool sampled = false;  // measured in some steps only: between them is no gap
};

const std::vector<Quantity>& quantities() {
  static const std::vector<Quantity> all = {
      {"loss", [](const StepMetrics& m) { return m.loss; }, true},
      {"accuracy", [](const StepMetrics& m) { return m.accuracy; }, true},
      {"learning_rate", [](const StepMetrics& m) { return m.learning_rate; }},
      {"momentum", [](const StepMetrics& m) { return m.momentum; }},
      {"gradient_norm", [](const StepMetrics& m) { return m.gradient_norm; }},
      {"lost_pairs", [](const StepMetrics& m) { return static_cast<double>(m.lost_pairs); }},
      {"hash_recall", [](const StepMetrics& m) { return m.hash_recall; }},
      {"attention_entropy", [](const StepMetrics& m) { return m.attention_entropy; }, false, true},
      {"steps_per_second", [](const StepMetrics& m) { return m.steps_per_second; }},
      {"seconds", [](const StepMetrics& m) { return m.seconds; }}};
  return all;
}

// most_buckets: of the main quantities; others have a quarter.
ordered_json curves_json(const std::vector<StepMetrics>& metrics, int64_t most_buckets,
                         CurveEncoding encoding) {
  std::vector<int64_t> steps;
  std::vector<double> values;
  ordered_json out = ordered_json::object();
  for (const Quantity& quantity : quantities()) {
    steps.clear();
    values.clear();
    for (const StepMetrics& m : metrics) {
      const double value = quantity.of(m);
      if (quantity.sampled && std::isnan(value)) continue;
      steps.push_back(m.step);
      values.push_back(value);
    }
    int64_t buckets = quantity.main ? most_buckets : std::max(most_buckets / 4, int64_t{1});
    // Buckets are of equally many steps: no more of them than there are values.
    if (quantity.sampled)
      buckets = std::clamp(static_cast<int64_t>(values.size()), int64_t{1}, buckets);
    const Curve curve = make_curve(steps, values, buckets);
    if (!curve.empty()) out[quantity.name] = to_json(curve, encoding);
  }
  return out;
}

// In a page seven digits are enough, and cost half of the bytes.
ordered_json evaluated(double value, CurveEncoding encoding) {
  if (encoding == CurveEncoding::numbers || !std::isfinite(value)) return finite_or_null(value);
  return std::stod(fmt::format("{:.7g}", value));
}

// Evaluations alike but for the step are one series.
ordered_json evaluations_json(const std::vector<EvaluationRecord>& records,
                              const RunDetail& detail) {
  using Key = std::tuple<std::string, std::string, int64_t, uint64_t, int64_t>;
  std::map<Key, std::vector<const EvaluationRecord*>> series;
  for (const EvaluationRecord& e : records) {
    series[{e.attention, e.semantics, e.data_seed, e.rotation_seed, e.sequences}].push_back(&e);
  }
  const size_t fitting = detail.bytes / 4 / kBytesOfEvaluation / std::max(series.size(), size_t{1});
  const size_t most = std::clamp(fitting, size_t{2}, kMostEvaluations);
  ordered_json out = ordered_json::array();
  for (const auto& [key, rows] : series) {
    std::vector<int64_t> steps;
    std::array<std::vector<double>, 4> values;
    for (const EvaluationRecord* e : rows) {
      steps.push_back(e->step);
      const std::array row = {e->loss, e->accuracy, e->hash_recall, e->attention_entropy};
      for (size_t i = 0; i < row.size(); ++i) values[i].push_back(row[i]);
    }
    const auto& [attention, semantics, data_seed, rotation_seed, sequences] = key;
    ordered_json item = {{"attention", attention},
                         {"semantics", semantics},
                         {"data_seed", data_seed},
                         {"rotation_seed", fmt::format("{}", rotation_seed)},
                         {"sequences", sequences},
                         {"scored", rows.back()->scored},
                         {"lost_pairs", rows.back()->lost_pairs}};
    // Evaluations are few and far between: their steps are listed, and every one is kept while
    // there is room; else the last of every so many.
    const size_t stride = (steps.size() - 1) / most + 1;
    constexpr std::array kNames = {"loss", "accuracy", "hash_recall", "attention_entropy"};
    item["evaluations"] = steps.size();
    for (size_t i = steps.size(); i-- > 0;) {
      if ((steps.size() - 1 - i) % stride != 0) continue;
      item["steps"].push_back(steps[i]);
      for (size_t j = 0; j < kNames.size(); ++j)
        item[kNames[j]].push_back(evaluated(values[j][i], detail.encoding));
    }
    for (auto& part : item) {
      if (part.is_array()) std::reverse(part.begin(), part.end());
    }
    out.push_back(std::move(item));
  }
  return out;
}

ordered_json sessions_json(const std::vector<Session>& sessions) {
  ordered_json out = ordered_json::array();
  for (const Session& s : sessions) {
    out.push_back({{"started_at", finite_or_null(s.started_at)},
                   {"ended_at", finite_or_null(s.ended_at)},
                   {"first_step", s.first_step},
                   {"last_step", s.last_step},
                   {"threads", s.threads},
                   {"cpu", s.cpu},
                   {"simd", s.simd},
                   {"version", s.version},
                   {"commit", s.commit}});
  }
  return out;
}

ordered_json to_json(const Event& e) {
  return {{"time", finite_or_null(e.time)},
          {"step", e.step},
          {"level", enum_name(e.level)},
          {"kind", e.kind},
          {"message", e.message}};
}

// {"events", "events_left_out"}: the severest and newest that fit, in their order; the severest
// does in any case.
ordered_json events_json(const std::vector<Event>& events, size_t most_bytes) {
  std::vector<size_t> places(events.size());
  std::iota(places.begin(), places.end(), size_t{0});
  std::ranges::sort(places, std::greater{},
                    [&](size_t i) { return std::pair(events[i].level, i); });
  std::map<size_t, ordered_json> kept;
  size_t bytes = 0;
  bool fits = true;
  ordered_json left_out = ordered_json::object();
  for (const size_t i : places) {
    ordered_json event = to_json(events[i]);
    bytes += bytes_of(event) + 1;
    fits = kept.empty() || (fits && kept.size() < kMostEvents && bytes <= most_bytes);
    if (fits) {
      kept.emplace(i, std::move(event));
      continue;
    }
    ordered_json& count = left_out[std::string(enum_name(events[i].level))];
    count = count.is_null() ? 1 : count.get<int64_t>() + 1;
  }
  ordered_json out = {{"events", ordered_json::array()}, {"events_left_out", left_out}};
  for (auto& [place, event] : kept) out["events"].push_back(std::move(event));
  return out;
}

ordered_json written_by(const nlohmann::json& by) {
  ordered_json out = ordered_json::object();
  for (const char* key : {"version", "commit", "simd", "cpu"}) {
    if (by.is_object() && by.contains(key) && by[key].is_string()) out[key] = by[key];
  }
  return out;
}

ExportedRun read_run(const fs::path& path) {
  if (is_exported_run(path)) return parse_exported_run(read_file(path), path.string());
  const RunFiles files{path};
  const std::string where = files.config().string();
  const nlohmann::json object = parse_json(read_file(files.config()), where);
  RunConfig config = parse_run_config(object, where);
  return {std::move(config), object.value(kWrittenBy, nlohmann::json()),
          RunReader(files.database()).records()};
}

}  // namespace

ordered_json run_part(const ReportSource& run, const RunDetail& detail) {
  // An exported run is as it was then. The lock first: who ends in between lets go of it after the
  // last commit, and would look killed.
  const bool held =
      is_exported_run(run.path) || RunLock::holder_of(RunFiles{run.path}.lock()).has_value();
  const auto [config, by, records] = read_run(run.path);
  const RunState& state = records.state;
  ordered_json out = {
      {"name", run.name},
      {"attention", state.name},
      {"seed", state.seed},
      {"steps", state.steps},
      {"created_at", finite_or_null(state.created_at)},
      {"config", to_json(config)},
      {"written_by", written_by(by)},
      {"command",
       training_command(config, run.name.starts_with("runs/") ? run.name : "runs/" + run.name)}};
  // Curves get what the rest leaves of the page, also where they are written as plain numbers.
  out.update(run_progress(records, held, {detail.bytes, CurveEncoding::packed}));
  const size_t rest = std::min(bytes_of(out) + kBytesOfCurves, detail.bytes);
  const size_t buckets =
      std::clamp((detail.bytes - rest) / kBytesOfBucket, size_t{64}, kMostBuckets);
  if (detail.encoding != CurveEncoding::packed) out.update(run_progress(records, held, detail));
  out["curves"] = curves_json(records.metrics, static_cast<int64_t>(buckets), detail.encoding);
  return out;
}

ordered_json run_progress(const RunRecords& records, bool held, const RunDetail& detail) {
  const RunState& state = records.state;
  ordered_json out = {{"step", state.step},
                      {"status", status_text(state, held)},
                      {"reason", state.reason},
                      {"seconds", finite_or_null(state.seconds)},
                      {"updated_at", finite_or_null(state.updated_at)},
                      {"sessions", sessions_json(records.sessions)}};
  out.update(events_json(records.events, detail.bytes / 8));
  out["evaluations"] = evaluations_json(records.evaluations, detail);
  return out;
}

ordered_json rows_json(std::span<const StepMetrics> rows) {
  ordered_json out = {{"steps", ordered_json::array()},
                      {"curves", ordered_json::object()},
                      {"sampled", ordered_json::array()}};
  for (const StepMetrics& row : rows) out["steps"].push_back(row.step);
  for (const Quantity& quantity : quantities()) {
    ordered_json values = ordered_json::array();
    bool any = false;
    for (const StepMetrics& row : rows) {
      values.push_back(finite_or_null(quantity.of(row)));
      any |= !values.back().is_null();
    }
    if (!any) continue;
    if (quantity.sampled) out["sampled"].push_back(quantity.name);
    out["curves"][quantity.name] = std::move(values);
  }
  return out;
}

}  // namespace reformer
