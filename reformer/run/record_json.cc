#include "reformer/run/record_json.h"

#include "reformer/base/json.h"

namespace reformer {

using nlohmann::ordered_json;

ordered_json to_json(const RunState& s) {
  return {{"name", s.name},
          {"seed", s.seed},
          {"steps", s.steps},
          {"step", s.step},
          {"status", enum_name(s.status)},
          {"reason", s.reason},
          {"seconds", finite_or_null(s.seconds)},
          {"created_at", finite_or_null(s.created_at)},
          {"updated_at", finite_or_null(s.updated_at)}};
}

ordered_json to_json(const Session& s) {
  return {{"id", s.id},
          {"started_at", finite_or_null(s.started_at)},
          {"ended_at", finite_or_null(s.ended_at)},
          {"first_step", s.first_step},
          {"last_step", s.last_step},
          {"threads", s.threads},
          {"pid", s.pid},
          {"host", s.host},
          {"cpu", s.cpu},
          {"simd", s.simd},
          {"version", s.version},
          {"commit_id", s.commit}};
}

ordered_json to_json(const StepMetrics& m) {
  return {{"step", m.step},
          {"loss", finite_or_null(m.loss)},
          {"accuracy", finite_or_null(m.accuracy)},
          {"learning_rate", finite_or_null(m.learning_rate)},
          {"momentum", finite_or_null(m.momentum)},
          {"gradient_norm", finite_or_null(m.gradient_norm)},
          {"lost_pairs", m.lost_pairs},
          {"hash_recall", finite_or_null(m.hash_recall)},
          {"attention_entropy", finite_or_null(m.attention_entropy)},
          {"applied", int{m.applied}},
          {"seconds", finite_or_null(m.seconds)},
          {"steps_per_second", finite_or_null(m.steps_per_second)}};
}

ordered_json to_json(const EvaluationRecord& e) {
  return {{"step", e.step},
          {"attention", e.attention},
          {"semantics", e.semantics},
          {"data_seed", e.data_seed},
          {"rotation_seed", e.rotation_seed},
          {"sequences", e.sequences},
          {"scored", e.scored},
          {"loss", finite_or_null(e.loss)},
          {"accuracy", finite_or_null(e.accuracy)},
          {"lost_pairs", e.lost_pairs},
          {"hash_recall", finite_or_null(e.hash_recall)},
          {"attention_entropy", finite_or_null(e.attention_entropy)},
          {"seconds", finite_or_null(e.seconds)}};
}

ordered_json to_json(const Event& e) {
  return {{"id", e.id},
          {"time", finite_or_null(e.time)},
          {"step", e.step},
          {"level", enum_name(e.level)},
          {"kind", e.kind},
          {"message", e.message},
          {"data", e.data.empty() ? ordered_json() : ordered_json(e.data)}};
}

}  // namespace reformer
