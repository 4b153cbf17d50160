#include "reformer/run/record_json.h"

#include <fmt/format.h>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/base/row_reader.h"

namespace reformer {
namespace {

using nlohmann::ordered_json;

// The columns of each table, in their order, for whoever writes or reads a row.
template <class Visitor>
void visit_columns(RunState& s, Visitor& v) {
  v("name", s.name);
  v("seed", s.seed);
  v("steps", s.steps);
  v("step", s.step);
  v("status", s.status);
  v("reason", s.reason);
  v("seconds", s.seconds);
  v("created_at", s.created_at);
  v("updated_at", s.updated_at);
}

template <class Visitor>
void visit_columns(Session& s, Visitor& v) {
  v("id", s.id);
  v("started_at", s.started_at);
  v("ended_at", s.ended_at);
  v("first_step", s.first_step);
  v("last_step", s.last_step);
  v("threads", s.threads);
  v("pid", s.pid);
  v("host", s.host);
  v("cpu", s.cpu);
  v("simd", s.simd);
  v("version", s.version);
  v("commit_id", s.commit);
}

template <class Visitor>
void visit_columns(StepMetrics& m, Visitor& v) {
  v("step", m.step);
  v("loss", m.loss);
  v("accuracy", m.accuracy);
  v("learning_rate", m.learning_rate);
  v("momentum", m.momentum);
  v("gradient_norm", m.gradient_norm);
  v("lost_pairs", m.lost_pairs);
  v("hash_recall", m.hash_recall);
  v("attention_entropy", m.attention_entropy);
  v("applied", m.applied);
  v("seconds", m.seconds);
  v("steps_per_second", m.steps_per_second);
}

template <class Visitor>
void visit_columns(EvaluationRecord& e, Visitor& v) {
  v("step", e.step);
  v("attention", e.attention);
  v("semantics", e.semantics);
  v("data_seed", e.data_seed);
  v("rotation_seed", e.rotation_seed);
  v("sequences", e.sequences);
  v("scored", e.scored);
  v("loss", e.loss);
  v("accuracy", e.accuracy);
  v("lost_pairs", e.lost_pairs);
  v("hash_recall", e.hash_recall);
  v("attention_entropy", e.attention_entropy);
  v("seconds", e.seconds);
}

template <class Visitor>
void visit_columns(Event& e, Visitor& v) {
  v("id", e.id);
  v("time", e.time);
  v("step", e.step);
  v("level", e.level);
  v("kind", e.kind);
  v("message", e.message);
  v.nullable("data", e.data);
}

class Writer {
 public:
  void operator()(const char* name, const std::string& text) { row[name] = text; }
  void operator()(const char* name, int64_t number) { row[name] = number; }
  void operator()(const char* name, uint64_t number) { row[name] = number; }
  void operator()(const char* name, double number) { row[name] = finite_or_null(number); }
  void operator()(const char* name, bool value) { row[name] = int{value}; }  // as SQLite has it
  template <class Enum>
    requires std::is_enum_v<Enum>
  void operator()(const char* name, Enum value) {
    row[name] = enum_name(value);
  }
  void nullable(const char* name, const std::string& text) {
    row[name] = text.empty() ? ordered_json() : ordered_json(text);
  }

  ordered_json row;
};

template <class Row>
ordered_json written(Row row) {
  Writer writer;
  visit_columns(row, writer);
  return std::move(writer.row);
}

template <class Row>
Row read(const nlohmann::json& json, std::string_view where) {
  Row row;
  RowReader reader(json, where);
  visit_columns(row, reader);
  reader.finish();
  return row;
}

}  // namespace

ordered_json to_json(const RunState& state) { return written(state); }
ordered_json to_json(const Session& session) { return written(session); }
ordered_json to_json(const StepMetrics& metrics) { return written(metrics); }
ordered_json to_json(const EvaluationRecord& evaluation) { return written(evaluation); }
ordered_json to_json(const Event& event) { return written(event); }

void from_json(const nlohmann::json& row, RunState& state, std::string_view where) {
  state = read<RunState>(row, where);
}
void from_json(const nlohmann::json& row, Session& session, std::string_view where) {
  session = read<Session>(row, where);
}
void from_json(const nlohmann::json& row, StepMetrics& metrics, std::string_view where) {
  metrics = read<StepMetrics>(row, where);
}
void from_json(const nlohmann::json& row, EvaluationRecord& evaluation, std::string_view where) {
  evaluation = read<EvaluationRecord>(row, where);
}
void from_json(const nlohmann::json& row, Event& event, std::string_view where) {
  event = read<Event>(row, where);
}

}  // namespace reformer
