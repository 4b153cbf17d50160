#include "apps/inspection_output.h"

namespace reformer::apps {
namespace {

using Json = nlohmann::ordered_json;

void add_found(const InspectedSequence& s, const HashPlan& plan, int64_t first, int64_t last,
               Json& to) {
  if (!s.knows_answers()) return;
  const KeysFound keys = count_keys_found(plan, first, last, s.scored(), s.example.answer_distance);
  const auto sought = static_cast<double>(s.scored().size());
  to["hash_recall"] = static_cast<double>(keys.same_bucket) / sought;
  to["in_reach"] = static_cast<double>(keys.met) / sought;
}

Json round_json(const InspectedSequence& s, const HeadInspection& head, int64_t round) {
  const HashPlan& plan = head.plan;
  const RoundMeasures m = measure_round(plan, round, head.sight.causal);
  Json result = {{"used_buckets", m.used_buckets},
                 {"fullest", m.largest_bucket},
                 {"collisions", m.pairs},
                 {"lost_pairs", m.lost_pairs}};
  add_found(s, plan, round, round + 1, result);
  result["bucket"] = std::vector(plan.bucket_of(round), plan.bucket_of(round) + plan.length);
  result["order"] = std::vector(plan.order_of(round), plan.order_of(round) + plan.length);
  return result;
}

Json head_json(const InspectedSequence& s, const InspectedHead& head) {
  const HashPlan& plan = head.inspection.plan;
  Json result = {
      {"layer", head.layer}, {"head", head.head}, {"lengths", head.inspection.lengths()}};
  add_found(s, plan, 0, plan.rounds, result);
  for (int64_t r = 0; r < plan.rounds; ++r) {
    result["rounds"].push_back(round_json(s, head.inspection, r));
  }
  return result;
}

}  // namespace

Json inspection_json(const OpenModel& model, const InspectedSequence& s) {
  const HashPlan& plan = s.heads.front().inspection.plan;
  Json result = {{"model", model.path.string()}, {"attention", model.attention.name()},
                 {"semantics", model.semantics}, {"rotation_seed", model.attention.rotation_seed},
                 {"buckets", plan.buckets},      {"chunk_length", plan.chunk_length}};
  if (s.knows_answers()) {
    result["sequence"] = s.number;
    result["scored"] = {s.scored().begin, s.scored().end};
    result["answer_distance"] = s.example.answer_distance;
    result["targets"] = s.example.targets;
  }
  result["inputs"] = s.example.inputs;
  result["predictions"] = s.predictions;
  for (const InspectedHead& head : s.heads) result["heads"].push_back(head_json(s, head));
  return result;
}

}  // namespace reformer::apps
