#include "reformer/run/record_json.h"

#include <cmath>

namespace reformer {
namespace {

using nlohmann::ordered_json;

ordered_json number(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

}  // namespace

ordered_json to_json(const RunState& s) {
  return {{"name", s.name},
          {"seed", s.seed},
          {"steps", s.steps},
          {"step", s.step},
          {"status", enum_name(s.status)},
          {"reason", s.reason},
          {"seconds", number(s.seconds)},
          {"created_at", number(s.created_at)},
          {"updated_at", number(s.updated_at)}};
}

ordered_json to_json(const Session& s) {
  return {{"id", s.id},
          {"started_at", number(s.started_at)},
          {"ended_at", number(s.ended_at)},
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
          {"loss", number(m.loss)},
          {"accuracy", number(m.accuracy)},
          {"learning_rate", number(m.learning_rate)},
          {"momentum", number(m.momentum)},
          {"gradient_norm", number(m.gradient_norm)},
          {"lost_pairs", m.lost_pairs},
          {"hash_recall", number(m.hash_recall)},
          {"attention_entropy", number(m.attention_entropy)},
          {"applied", int{m.applied}},
          {"seconds", number(m.seconds)},
          {"steps_per_second", number(m.steps_per_second)}};
}

ordered_json to_json(const EvaluationRecord& e) {
  return {{"step", e.step},
          {"attention", e.attention},
          {"semantics", e.semantics},
          {"data_seed", e.data_seed},
          {"rotation_seed", e.rotation_seed},
          {"sequences", e.sequences},
          {"scored", e.scored},
          {"loss", number(e.loss)},
          {"accuracy", number(e.accuracy)},
          {"lost_pairs", e.lost_pairs},
          {"hash_recall", number(e.hash_recall)},
          {"attention_entropy", number(e.attention_entropy)},
          {"seconds", number(e.seconds)}};
}

ordered_json to_json(const Event& e) {
  return {{"id", e.id},
          {"time", number(e.time)},
          {"step", e.step},
          {"level", enum_name(e.level)},
          {"kind", e.kind},
          {"message", e.message},
          {"data", e.data.empty() ? ordered_json() : ordered_json(e.data)}};
}

}  // namespace reformer
