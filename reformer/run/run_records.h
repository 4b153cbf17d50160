// What a run's database holds, as values. docs/run-format.md says what each column means; a number
// that was not measured, or is not finite, is NaN.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reformer/base/settings.h"

namespace reformer {

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

enum class RunStatus { running, finished, interrupted, diverged, failed };
enum class EventLevel { info, warning, error };

template <>
struct EnumNames<RunStatus> {
  static constexpr std::pair<RunStatus, std::string_view> names[] = {
      {RunStatus::running, "running"},
      {RunStatus::finished, "finished"},
      {RunStatus::interrupted, "interrupted"},
      {RunStatus::diverged, "diverged"},
      {RunStatus::failed, "failed"}};
};
template <>
struct EnumNames<EventLevel> {
  static constexpr std::pair<EventLevel, std::string_view> names[] = {
      {EventLevel::info, "info"}, {EventLevel::warning, "warning"}, {EventLevel::error, "error"}};
};

// Table `run`.
struct RunState {
  std::string name;
  int64_t seed = 0;
  int64_t steps = 0;
  int64_t step = 0;
  RunStatus status = RunStatus::running;
  std::string reason;
  double seconds = 0;
  double created_at = 0;
  double updated_at = 0;
};

// Table `sessions`.
struct Session {
  int64_t id = 0;
  double started_at = 0;
  double ended_at = kNotMeasured;
  int64_t first_step = 0;
  int64_t last_step = 0;
  int64_t threads = 0;
  int64_t pid = 0;
  std::string host, cpu, simd, version, commit;
};

// Table `metrics`.
struct StepMetrics {
  int64_t step = 0;
  double loss = kNotMeasured;
  double accuracy = kNotMeasured;
  double learning_rate = kNotMeasured;
  double momentum = kNotMeasured;
  double gradient_norm = kNotMeasured;
  int64_t lost_pairs = 0;
  double hash_recall = kNotMeasured;
  double attention_entropy = kNotMeasured;
  bool applied = true;
  double seconds = 0;
  double steps_per_second = kNotMeasured;
};

// Table `evaluations`.
struct EvaluationRecord {
  int64_t step = 0;
  std::string attention, semantics;
  int64_t data_seed = 0;
  uint64_t rotation_seed = 0;
  int64_t sequences = 0;
  int64_t scored = 0;
  double loss = kNotMeasured;
  double accuracy = kNotMeasured;
  int64_t lost_pairs = 0;
  double hash_recall = kNotMeasured;
  double attention_entropy = kNotMeasured;
  double seconds = 0;
};

// Table `events`.
struct Event {
  int64_t id = 0;
  double time = 0;
  int64_t step = 0;
  EventLevel level = EventLevel::info;
  std::string kind, message;
  std::string data;  // JSON, or empty
};

// All tables, each in the order of its key.
struct RunRecords {
  RunState state;
  std::vector<Session> sessions;
  std::vector<StepMetrics> metrics;
  std::vector<EvaluationRecord> evaluations;
  std::vector<Event> events;
};

}  // namespace reformer
